//! How much one instance may use.

use std::time::Duration;

/// What one instance may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, all memories together.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Time that one call may compute. Waiting for a response does not count.
    pub computing: Duration,
    /// Time that one call may take, waiting included.
    pub call: Duration,
    /// Bytes that one call may return to the host: the records of one step.
    pub output: usize,
    /// Requests, responses, streams and other handles held at once.
    pub handles: usize,
    /// Records that one run may return.
    pub records: u64,
    /// Steps in a row that neither return a record nor send a request.
    pub idle_steps: u64,
    /// Limits of HTTP.
    pub http: HttpLimits,
}

/// What the requests of one instance may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Bytes of one response's body, inflated.
    pub response_body: u64,
    /// Bytes of one response's headers.
    pub response_headers: usize,
    /// Bytes of one request's body.
    pub request_body: usize,
    /// Requests under way at once: sent, and the response not yet read completely.
    pub concurrent: usize,
    /// Time from the request to the last byte of its response. A backstop:
    /// connectors have shorter deadlines of their own.
    pub exchange: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 64 << 20,
            table_elements: 100_000,
            computing: Duration::from_secs(30),
            call: Duration::from_secs(300),
            output: 32 << 20,
            handles: 4096,
            records: 100_000_000,
            idle_steps: 1000,
            http: HttpLimits::default(),
        }
    }
}

impl Default for HttpLimits {
    fn default() -> Self {
        HttpLimits {
            response_body: 16 << 20,
            response_headers: 64 << 10,
            request_body: 1 << 20,
            concurrent: 64,
            exchange: Duration::from_secs(120),
        }
    }
}
