//! What one system alone has: the public modules beside the portable face, absent in a model.

#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
#[path = "../linux/mod.rs"]
pub mod linux;

#[cfg(all(not(loom), windows))]
#[path = "../windows/mod.rs"]
pub mod windows;
