//! pure grouping, survivorship and scoring (layer L1).
