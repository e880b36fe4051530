//! The commit of a release.

use std::path::Path;
use std::process::Command;

use crate::command;

/// The commit's hash, with the suffix `-dirty` if files differ from the commit, so
/// that the build cannot be reproduced. `None` for sources without a git history.
pub(crate) fn revision(root: &Path) -> Result<Option<String>, String> {
    // git itself would search the directories above and find another project.
    if !root.join(".git").exists() {
        return Ok(None);
    }
    let git =
        |arguments: &[&str]| command::output(Command::new("git").current_dir(root).args(arguments));
    let hash = git(&["rev-parse", "HEAD"])?;
    let changes = git(&["status", "--porcelain"])?;
    Ok(Some(revision_of(hash.trim(), &changes)))
}

fn revision_of(hash: &str, changes: &str) -> String {
    format!("{hash}{}", if changes.is_empty() { "" } else { "-dirty" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncommitted_files_do_not_pass_for_the_commit() {
        assert_eq!(revision_of("abc", ""), "abc");
        assert_eq!(revision_of("abc", "?? wit/new.wit\n"), "abc-dirty");
    }

    #[test]
    fn sources_without_a_history_have_no_revision_of_another_project() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(revision(directory.path()), Ok(None));
    }
}
