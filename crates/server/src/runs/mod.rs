//! Runs of workflows as clients see them, whichever way they are told.

pub mod steps;
pub mod timeline;
pub mod view;
