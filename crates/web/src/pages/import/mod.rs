//! Onboarding documents: what one would do is shown first, and exactly that is imported.

pub(crate) mod list;
mod preview;
pub(crate) mod show;
pub(crate) mod submit;

use app::import::Import;

fn counts(import: &Import) -> String {
    format!(
        "{} new, {} changed, {} unchanged; {} decided about",
        import.added, import.changed, import.unchanged, import.decided
    )
}
