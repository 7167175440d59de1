//! Comments that are posted once.
//!
//! GitHub takes no idempotency key for a comment. Each of ours carries a mark that nobody sees, and we look for
//! it before we post.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::GitHubError;
use crate::repository::Repository;

#[derive(Serialize)]
struct NewComment {
    body: String,
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
    body: Option<String>,
}

impl Repository {
    /// Posts a comment unless one with the same `marker` is there, and says which one it is. An earlier one is
    /// left as it is.
    ///
    /// Two calls at the same time can post twice: one worker serves one issue at a time.
    ///
    /// # Errors
    /// See [`Repository::id`]. After `Unavailable` or `Garbage` the comment may be there: call again.
    pub async fn ensure_comment(&self, issue: u64, marker: Uuid, body: &str) -> Result<u64, GitHubError> {
        let path = format!("/issues/{issue}/comments");
        let there: Vec<Comment> = self.pages(&path).await?;
        // Oldest first; a quote of ours that carries the mark along comes later.
        let mark = format!("<!-- holdfast:{marker} -->");
        if let Some(ours) = there
            .iter()
            .find(|c| c.body.as_ref().is_some_and(|body| body.contains(&mark)))
        {
            return Ok(ours.id);
        }
        let comment = NewComment {
            body: format!("{body}\n\n{mark}"),
        };
        let posted: Comment = self.post(&path, &comment).await?;
        tracing::info!(
            github.issue = issue,
            github.comment = posted.id,
            "Commented on issue {issue}"
        );
        Ok(posted.id)
    }
}

/// What somebody else wrote, as inline code for a comment of ours: it mentions nobody, links nowhere and
/// formats nothing. One line.
#[must_use]
pub fn code(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    format!("{fence} {} {fence}", line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_cannot_leave_its_quotes() {
        for text in ["35 days", "`@octocat`", "``` <!-- -->", "a\n### Scope\n- b", "`", ""] {
            let quoted = code(text);
            let events: Vec<_> = pulldown_cmark::Parser::new(&quoted).collect();
            let inside = matches!(&events[..], [_, pulldown_cmark::Event::Code(_), _]) || text.is_empty();
            assert!(inside && !quoted.contains('\n'), "{quoted}: {events:?}");
        }
    }
}
