//! Secrets and configurations as editors, shells and service managers write them.

use super::*;

/// A file beside the operator's own, because those are searched for secrets.
struct SecretFile(TempDir);

impl SecretFile {
    fn new(content: impl AsRef<[u8]>) -> SecretFile {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("secret"), content).unwrap();
        SecretFile(directory)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("secret")
    }
}

/// A command whose secret is only in the file.
fn from_file(mut command: Command, file: &Path) -> Command {
    command.env_remove(SECRET).env(format!("{SECRET}_FILE"), file);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_file_syncs_whatever_line_end_its_editor_wrote() {
    let operator = Operator::new().await;
    for line_end in ["", "\n", "\r\n"] {
        let file = SecretFile::new(operator.tenant.client_secret() + line_end);
        operator.report(from_file(operator.sync(&[]), &file.path()), 0).await;
        let mut variable = operator.sync(&[]);
        variable.env(SECRET, operator.tenant.client_secret() + line_end);
        operator.report(variable, 0).await;
    }
    // The variable has precedence.
    let mut both = operator.sync(&[]);
    both.env(format!("{SECRET}_FILE"), "/nowhere/secret");
    operator.report(both, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_with_white_space_or_quotes_exit_77_with_a_hint() {
    let operator = Operator::new().await;
    let secret = operator.tenant.client_secret();
    for (written, said) in [
        (format!(" {secret}"), Some("begins or ends with white space")),
        (format!("{secret}\n\n"), Some("begins or ends with white space")),
        (format!("\"{secret}\""), Some("is in quotes")),
        (format!("{secret}x"), None),
    ] {
        let file = SecretFile::new(&written);
        let place = format!("the file {}, which {SECRET}_FILE names,", file.path().display());
        let synced = operator.end(from_file(operator.sync(&[]), &file.path())).await;
        let checked = operator.end(from_file(operator.command("check"), &file.path())).await;
        for ended in [synced, checked] {
            assert_eq!(ended.status, Some(77), "{}", ended.stderr);
            for output in [&ended.stdout, &ended.stderr] {
                let hint = said.map(|said| format!("Hint: {place} {said}"));
                let hinted = hint.as_ref().is_some_and(|hint| output.contains(hint));
                assert_eq!(hinted, said.is_some(), "{output}");
                assert_eq!(output.contains("Hint"), said.is_some(), "{output}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_cannot_be_read_exits_78_with_the_file_and_its_variable() {
    let operator = Operator::new().await;
    for (file, said) in
        [(SecretFile::new(b"\xff\xfes\0"), "is not UTF-8"), (SecretFile::new("\r\n"), "is empty")]
    {
        let report = operator.report(from_file(operator.sync(&[]), &file.path()), 78).await;
        let message = report["failure"]["message"].as_str().unwrap();
        let place = format!("the file {}, which {SECRET}_FILE names,", file.path().display());
        assert!(message.contains(&place) && message.contains(said), "{message}");
    }
    let absent = operator.path("absent");
    let report = operator.report(from_file(operator.sync(&[]), &absent), 78).await;
    let message = report["failure"]["message"].as_str().unwrap();
    assert!(message.contains("absent") && message.contains("cannot be read"), "{message}");
    assert!(operator.tenant.requests().is_empty());
    assert!(!operator.path("rawdash.db").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_no_text_exits_78_as_that() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let operator = Operator::new().await;
    let mut command = operator.sync(&[]);
    command.env(SECRET, OsStr::from_bytes(b"\xff"));
    let report = operator.report(command, 78).await;
    let message = report["failure"]["message"].as_str().unwrap();
    assert!(message.contains(&format!("{SECRET} is not UTF-8")), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_a_byte_order_mark_syncs_and_another_encoding_exits_78() {
    let operator = Operator::new().await;
    let text = std::fs::read_to_string(operator.path("auth0.json")).unwrap();
    operator.write("auth0.json", &format!("\u{feff}{text}"));
    operator.report(operator.sync(&[]), 0).await;
    let utf16: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(operator.path("auth0.json"), utf16).unwrap();
    let report = operator.report(operator.sync(&[]), 78).await;
    let message = report["failure"]["message"].as_str().unwrap();
    assert!(message.contains("auth0.json is not UTF-8"), "{message}");
}
