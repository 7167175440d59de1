//! The AWS front, over a real ministack.
