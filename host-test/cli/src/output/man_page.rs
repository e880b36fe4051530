//! A man page, from the arguments and the help of a command.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// The page of a command, which must have been built.
pub(crate) fn page(command: &Command) -> io::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let source = concat!("rawdash-host ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name).source(source).manual("rawdash-host");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command.get_after_long_help().or(command.get_after_help());
    if let Some(after) = after {
        sections(&after.to_string()).to_writer(&mut page)?;
    }
    Ok(page)
}

/// What follows the options in help. A heading begins a section, indented lines stay as
/// they are, and all others are prose.
fn sections(help: &str) -> Roff {
    let mut roff = Roff::new();
    let mut is_filled = true;
    for line in help.lines() {
        let is_indented = line.starts_with(' ');
        if line.is_empty() {
            roff.control("sp", []);
            continue;
        }
        if is_filled == is_indented {
            roff.control(if is_indented { "nf" } else { "fi" }, []);
            is_filled = !is_indented;
        }
        match line.strip_suffix(':') {
            Some(heading) if !is_indented => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
                // Lines of help have room for no more.
                roff.control("in", ["2n"]);
            }
            _ => {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
        }
    }
    if !is_filled {
        roff.control("fi", []);
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_keeps_its_lines_and_prose_is_filled() {
        let help = "Examples:\n  First:\n    run \\\n      .it\n\nIt reads\nall.\n\nExit status:\n   0  done";
        let expected = ".SH EXAMPLES\n.in 2n\n.nf\nFirst:\n  run \\\\\n    .it\n.sp\n.fi\nIt reads\nall.\n.sp\n.SH \"EXIT STATUS\"\n.in 2n\n.nf\n 0  done\n.fi\n";
        assert_eq!(sections(help).to_roff(), expected);
    }
}
