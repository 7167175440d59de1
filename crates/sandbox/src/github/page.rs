//! `per_page` and `page`, with the `Link` header.

use url::form_urlencoded;

use super::turn::Turn;

/// The page of `items` that was asked for, and its links.
pub(crate) fn of<T>(turn: &Turn<'_>, items: Vec<T>) -> (Vec<T>, Option<String>) {
    let per_page = per_page(turn);
    let page: usize = turn
        .param("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1)
        .max(1);
    let last = items.len().div_ceil(per_page).max(1);
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(turn, "prev", &[("page", &(page - 1).to_string())]));
        links.push(link(turn, "first", &[("page", "1")]));
    }
    if page < last {
        links.push(link(turn, "next", &[("page", &(page + 1).to_string())]));
        links.push(link(turn, "last", &[("page", &last.to_string())]));
    }
    let page = items
        .into_iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .collect();
    (page, (!links.is_empty()).then(|| links.join(", ")))
}

/// 1 to 100, 30 unless asked otherwise.
pub(crate) fn per_page(turn: &Turn<'_>) -> usize {
    turn.param("per_page")
        .and_then(|size| size.parse().ok())
        .unwrap_or(30)
        .clamp(1, 100)
}

/// The request's own address with `changed` parameters; a repository's by its number, as GitHub writes it.
pub(crate) fn link(turn: &Turn<'_>, rel: &str, changed: &[(&str, &str)]) -> String {
    let kept = turn
        .asked
        .query
        .iter()
        .filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .extend_pairs(changed)
        .finish();
    let repo = turn.asked.repository().and_then(|name| turn.state.repo_named(&name));
    let path = match repo {
        Some(repo) => turn.links.by_number(repo, &turn.asked.path_from(3)),
        None => format!("{}{}", turn.links.root(), turn.asked.path),
    };
    format!("<{path}?{query}>; rel=\"{rel}\"")
}
