//! What a person sees whose configuration is wrong, in full, and what comes of one that is right.

mod example;
mod loading;
mod settings;
mod source;
mod support;
mod total;
