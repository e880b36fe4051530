#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| auth0_fuzz::json_text(data));
