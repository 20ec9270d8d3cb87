//! build, lifecycle, supervision, reload (layer L6).
