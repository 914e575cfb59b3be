//! The table once more, with its tests, over `std`'s locks.

use super::fallback as sys;

#[path = "../face/table/mod.rs"]
mod table;
