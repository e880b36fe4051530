//! Which commit a release is made of.

use std::path::Path;
use std::process::Command;

use crate::command;

/// The commit's hash; with `-dirty` where the files are not those of the
/// commit, which nobody can build again. `None` for sources without a history.
pub(crate) fn revision(root: &Path) -> Result<Option<String>, String> {
    // Not git's own search: it would take the history of a directory above.
    if !root.join(".git").exists() {
        return Ok(None);
    }
    let git =
        |arguments: &[&str]| command::output(Command::new("git").current_dir(root).args(arguments));
    let hash = git(&["rev-parse", "HEAD"])?;
    let changes = git(&["status", "--porcelain"])?;
    Ok(Some(told(hash.trim(), &changes)))
}

fn told(hash: &str, changes: &str) -> String {
    format!("{hash}{}", if changes.is_empty() { "" } else { "-dirty" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_no_commit_has_do_not_pass_for_the_commit() {
        assert_eq!(told("abc", ""), "abc");
        assert_eq!(told("abc", "?? wit/new.wit\n"), "abc-dirty");
    }

    #[test]
    fn sources_without_a_history_have_no_revision_of_another_project() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(revision(directory.path()), Ok(None));
    }
}
