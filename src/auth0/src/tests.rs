//! Whole syncs against the simulated tenant.
