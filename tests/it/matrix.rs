//! The authorisation matrix, for reviewers and auditors.

#[test]
fn who_may_do_what() {
    insta::assert_snapshot!(app::authz::matrix());
}
