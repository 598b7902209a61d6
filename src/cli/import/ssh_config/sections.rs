//! The lines of a configuration and of what it includes, in the order in which they count, each with the conditions that it is under.

use super::super::item::{Kind, Report, line as place};
use super::line::line;
use crate::api::Place;

/// Deepest Include, as OpenSSH has it.
const MAX_DEPTH: usize = 16;
/// Most files.
const MAX_FILES: usize = 256;
/// Most bytes of all files.
const MAX_BYTES: usize = 1024 * 1024;
/// Most patterns of all Host lines.
pub(super) const MAX_PATTERNS: usize = 20_000;

/// When lines count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// A Host line: its patterns, and where it stands.
    Host(Vec<String>, Place),
    /// `Match all`.
    Always,
    /// Any other Match.
    Never,
}

/// A setting and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub place: Place,
    pub keyword: String,
    pub arguments: Vec<String>,
}

/// Lines under the same conditions; all of them must hold.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Positions in [`Config::conditions`].
    pub conditions: Vec<usize>,
    pub settings: Vec<Setting>,
}

/// A condition, and those that it stands under because of an Include.
#[derive(Debug)]
pub(super) struct Scope {
    pub outer: Vec<usize>,
    pub condition: Condition,
}

/// A whole configuration.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub conditions: Vec<Scope>,
    pub sections: Vec<Section>,
}

/// A file: its name for people, and its text.
pub(super) type File = (String, String);
/// Finds the files that an argument of Include means.
pub(super) type Include<'a> = dyn FnMut(&str) -> Result<Vec<File>, String> + 'a;

/// Why a configuration is refused: where, and what is wrong.
pub(super) type Refused = (Place, String);

/// Reads `file`, and what it includes with the help of `include`.
///
/// # Errors
/// A line that can not be read, and more than a bound.
pub(super) fn read(file: &File, include: &mut Include<'_>, report: &mut Report) -> Result<Config, Refused> {
    let mut reader = Reader { config: Config::default(), include, report, files: 0, bytes: 0, patterns: 0 };
    reader.file(file, &[], 0)?;
    Ok(reader.config)
}

struct Reader<'a, 'i> {
    config: Config,
    include: &'a mut Include<'i>,
    report: &'a mut Report,
    files: usize,
    bytes: usize,
    patterns: usize,
}

impl Reader<'_, '_> {
    /// Reads a file whose lines are all under the conditions `outer`.
    fn file(&mut self, (name, text): &File, outer: &[usize], depth: usize) -> Result<(), Refused> {
        self.files += 1;
        self.bytes += text.len();
        let whole = |why: String| Err((place(name, 0), why));
        if self.files > MAX_FILES {
            return whole(format!("more than {MAX_FILES} files are included"));
        }
        if self.bytes > MAX_BYTES {
            return whole(format!("the configuration is larger than {MAX_BYTES} bytes with what it includes"));
        }
        self.begin(outer.to_vec());
        for (number, text) in (1..).zip(text.lines()) {
            let at = place(name, number);
            let Some(read) = line(text).map_err(|why| (at.clone(), why.to_owned()))? else { continue };
            match read.keyword.as_str() {
                "host" | "match" => {
                    let condition = self.condition(&read.keyword, read.arguments, at)?;
                    self.config.conditions.push(Scope { outer: outer.to_vec(), condition });
                    let mut conditions = outer.to_vec();
                    conditions.push(self.config.conditions.len() - 1);
                    self.begin(conditions);
                }
                "include" => self.include(&read.arguments, &at, depth)?,
                _ => {
                    let setting = Setting { place: at, keyword: read.keyword, arguments: read.arguments };
                    if let Some(section) = self.config.sections.last_mut() {
                        section.settings.push(setting);
                    }
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, conditions: Vec<usize>) {
        if self.config.sections.last().is_some_and(|section| section.settings.is_empty()) {
            self.config.sections.pop();
        }
        self.config.sections.push(Section { conditions, settings: Vec::new() });
    }

    fn condition(&mut self, keyword: &str, arguments: Vec<String>, at: Place) -> Result<Condition, Refused> {
        self.patterns += arguments.len();
        if self.patterns > MAX_PATTERNS {
            return Err((at, format!("more than {MAX_PATTERNS} patterns")));
        }
        if arguments.is_empty() {
            return Err((at, format!("{keyword} without an argument")));
        }
        if keyword == "host" {
            return Ok(Condition::Host(arguments, at));
        }
        if arguments.first().is_some_and(|first| first.eq_ignore_ascii_case("all")) && arguments.len() == 1 {
            return Ok(Condition::Always);
        }
        let help = "write its settings under Host lines, or add them to the manifests";
        self.report.advise(Kind::NotCarried, &at, "Match", "a Match other than `Match all` is not looked at", help);
        Ok(Condition::Never)
    }

    fn include(&mut self, arguments: &[String], at: &Place, depth: usize) -> Result<(), Refused> {
        if depth >= MAX_DEPTH {
            return Err((at.clone(), format!("Include is nested deeper than {MAX_DEPTH}: does a file include itself?")));
        }
        let conditions = self.config.sections.last().map(|section| section.conditions.clone()).unwrap_or_default();
        for argument in arguments {
            let files = (self.include)(argument).map_err(|why| (at.clone(), why))?;
            if files.is_empty() {
                let message = format!("Include {} leads to no file", self.report.word(argument));
                self.report.add(Kind::NotCarried, at, "Include", message);
            }
            for file in files {
                self.file(&file, &conditions, depth + 1)?;
            }
        }
        // What follows is under the condition in which the Include stands.
        self.begin(conditions);
        Ok(())
    }
}
