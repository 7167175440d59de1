//! Changes of the scope of work.

mod show;
