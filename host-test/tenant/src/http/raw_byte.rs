//! A byte that is not UTF-8, in rows that are.

use super::answer::Answer;

/// In a row, this character stands for the single byte `0xE9`, which is `é` in
/// Latin-1 and not valid UTF-8: every answer that contains the row has that
/// byte instead of the character.
pub const LATIN1_E_ACUTE: char = '\u{f8e9}';

const BYTE: u8 = 0xe9;

/// The answer with the byte in place of the character.
pub(crate) fn with_raw_bytes(mut answer: Answer) -> Answer {
    let mut buffer = [0; 4];
    let encoded = LATIN1_E_ACUTE.encode_utf8(&mut buffer).as_bytes();
    let Some((lead, _)) = encoded.split_first() else {
        return answer;
    };
    // Pages are large and almost none has the character.
    if !answer.body.contains(lead) {
        return answer;
    }
    let mut body = Vec::with_capacity(answer.body.len());
    let mut rest = answer.body.as_ref();
    while let Some((first, others)) = rest.split_first() {
        match rest.strip_prefix(encoded) {
            Some(after) => {
                body.push(BYTE);
                rest = after;
            }
            None => {
                body.push(*first);
                rest = others;
            }
        }
    }
    answer.body = body.into();
    answer
}
