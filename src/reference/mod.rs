//! dated reference tables (administrative units, agencies, categories) embedded in the binary and looked up by date (layer L0).
