//! The formats a body can have.
