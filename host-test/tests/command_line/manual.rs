//! The man pages and the completions: nothing of the command line is missing in them.

use super::*;
use crate::support::left_out;

/// The subcommands, and the options of each, as its help names them.
fn command_line() -> Vec<(String, BTreeSet<String>)> {
    let help = |arguments: &[&str]| Ended::new(&host(arguments).output().unwrap()).stdout;
    let all = help(&["--help"]);
    let (_, listed) = all.split_once("Commands:\n").unwrap();
    let names = listed.lines().take_while(|line| !line.is_empty());
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.map(|line| line.split_whitespace().next().unwrap().to_owned());
    let commands: Vec<_> = names
        .filter(|name| name != "help")
        .map(|name| {
            // A program of its own, which shows its own help.
            let options = match name.as_str() {
                "worker" => BTreeSet::new(),
                name => options(&help(&[name, "--help"])),
            };
            (name, options)
        })
        .collect();
    assert!(commands.len() >= 11, "{all}");
    commands
}

/// The options that begin a line of help.
fn options(help: &str) -> BTreeSet<String> {
    let long = |line: &str| {
        let words = line.trim_start().split([' ', ',']);
        words.take(3).find(|word| word.starts_with("--")).map(str::to_owned)
    };
    let (_, options) = help.split_once("Options:\n").unwrap();
    options
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter_map(long)
        .collect()
}

#[test]
fn the_man_pages_name_every_command_and_option_and_are_correct_roff() {
    let directory = TempDir::new().unwrap();
    let out = directory.path().join("man1");
    let written = Ended::new(&host(&["man", "--out", out.to_str().unwrap()]).output().unwrap());
    assert_eq!(written.status, Some(0), "{}", written.stderr);
    let page = |name: &str| std::fs::read_to_string(out.join(format!("{name}.1"))).unwrap();
    let main = page("rawdash-host").replace('\\', "");
    let commands = command_line();
    for (command, options) in &commands {
        let name = format!("rawdash-host-{command}");
        assert!(main.contains(&format!("{name}(1)")), "{command}");
        let text = page(&name).replace('\\', "");
        for option in options {
            assert!(text.contains(option.as_str()), "{option} is not in the page of {command}");
        }
    }
    let mut lint = Command::new("mandoc");
    lint.args(["-T", "lint", "-W", "error"]);
    lint.args(std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()));
    match lint.output() {
        Ok(linted) => {
            let said = String::from_utf8_lossy(&linted.stdout);
            assert!(linted.status.success(), "{said}");
        }
        Err(_) => {
            assert!(std::env::var_os("RAWDASH_WITH_MANDOC").is_none(), "mandoc cannot be run");
            left_out("the check of the man pages; it needs the program mandoc");
        }
    }
}

#[test]
fn the_completions_of_each_shell_name_every_command_and_option() {
    let commands = command_line();
    for shell in ["bash", "zsh", "fish"] {
        let ended = Ended::new(&host(&["completions", shell]).output().unwrap());
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
        for (command, options) in &commands {
            assert!(ended.stdout.contains(command.as_str()), "{shell}: {command}");
            for option in options {
                // fish names an option without its dashes.
                let name = if shell == "fish" { &option[2..] } else { option.as_str() };
                assert!(ended.stdout.contains(name), "{shell}: {command} {option}");
            }
        }
    }
}

/// As a shell does it: the words so far, and the candidates for the last.
#[test]
fn bash_completes_a_command_and_its_options() {
    let script = Ended::new(&host(&["completions", "bash"]).output().unwrap()).stdout;
    let candidates = |words: &str| {
        let program = format!(
            "{script}
            COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _rawdash__host rawdash-host \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
            printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        Command::new("bash").args(["--norc", "-c", &program]).output().ok()
    };
    for (words, expected) in
        [("rawdash-host sy", "sync\n"), ("rawdash-host sync --max-w", "--max-wait\n")]
    {
        let Some(output) = candidates(words) else {
            left_out("a test of the completions; it needs the shell bash");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
    }
}
