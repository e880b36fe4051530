//! How a measurement can fail.

/// What came of it, or one sentence about why nothing did.
pub type Measured<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
