//! The files that the project brings are right, and the examples show every option.
