//! sha256 of several streams at a time, one in each lane of a SIMD register ("multi-buffer" hashing).
//!
//! One stream cannot be hashed faster: each block needs what the last one came to. But whoever reads several can hold their
//! bytes back for a moment, and then go through four of them in little more than the time of two. Where there is no SIMD, the
//! same interface hashes each as it comes.
//!
//! A crate of its own, for it is compiled to be fast; what is around it, to be small.

#[cfg(any(target_feature = "simd128", not(target_arch = "wasm32")))]
mod lanes;
#[cfg(any(target_feature = "simd128", not(target_arch = "wasm32")))]
mod together;
#[cfg(any(target_feature = "simd128", not(target_arch = "wasm32")))]
pub use together::{Stream, Streams};

#[cfg(not(any(target_feature = "simd128", not(target_arch = "wasm32"))))]
mod alone;
#[cfg(not(any(target_feature = "simd128", not(target_arch = "wasm32"))))]
pub use alone::{Stream, Streams};
