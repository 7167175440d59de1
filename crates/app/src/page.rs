//! A page of a list that may be long.

/// Items of a page.
const ITEMS: usize = 50;
/// Rows to read for a page: one more tells whether another page follows.
pub(crate) const ROWS: i64 = 51;

/// At most 50 items.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// In the list's order.
    pub items: Vec<T>,
    more: bool,
}

impl<T> Page<T> {
    /// Of 51 rows, or of fewer if there are no more.
    #[must_use]
    pub fn of(mut rows: Vec<T>) -> Self {
        let more = rows.len() > ITEMS;
        rows.truncate(ITEMS);
        Self { items: rows, more }
    }

    /// The same page of something else.
    pub(crate) fn map<U>(self, to: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(to).collect(),
            more: self.more,
        }
    }

    /// The same page without what `to` drops.
    pub(crate) fn filter_map<U>(self, to: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page {
            items: self.items.into_iter().filter_map(to).collect(),
            more: self.more,
        }
    }

    /// Where the next page begins, said by what the last item is known by; `None`: this is the last page.
    pub fn cursor<C>(&self, known_by: impl FnOnce(&T) -> C) -> Option<C> {
        self.items.last().filter(|_| self.more).map(known_by)
    }

    /// The same as text.
    pub fn next<C: ToString>(&self, known_by: impl FnOnce(&T) -> C) -> Option<String> {
        self.cursor(known_by).map(|cursor| cursor.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_page_follows_only_if_there_is_something_on_it() {
        let page = |rows: usize| Page::of((0..rows).collect());
        assert_eq!(page(0).next(|item| *item), None);
        assert_eq!(page(ITEMS).next(|item| *item), None);
        let first = page(ITEMS + 1);
        assert_eq!(
            (first.items.len(), first.next(|item| *item)),
            (ITEMS, Some("49".to_owned()))
        );
    }
}
