//! Icons of the sprite `static/icons/sprite.svg`. They repeat what a word beside them says.

use std::fmt;
use std::sync::LazyLock;

use askama::filters::HtmlSafe;

/// An icon by its name in the sprite.
pub(crate) struct Icon(&'static str);

/// Shows an icon; for templates.
pub(crate) const fn icon(name: &'static str) -> Icon {
    Icon(name)
}

impl HtmlSafe for Icon {}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static SPRITE: LazyLock<String> = LazyLock::new(|| crate::assets::url("icons/sprite.svg"));
        write!(
            f,
            r##"<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>"##,
            *SPRITE, self.0
        )
    }
}
