//! load, check, and say every problem with file, line and column (layer L5).
