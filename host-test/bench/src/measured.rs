//! How a measurement can fail.

/// The result of a measurement, or why there is none, in one sentence.
pub type Measured<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
