//! Problems as text: one line for pipes and logs, a snippet for terminals.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::printable::steers;
use crate::api::{Problem, Severity};

/// How a problem is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With the offending line. For terminals only: the line may hold a secret.
    pub snippet: bool,
    /// With ANSI colours.
    pub color: bool,
}

/// The problem as text, without a line break at the end.
///
/// The plain form is `severity: place: message (Reason)`, with `  help: …` on a second line. Control characters of the input
/// never reach the output.
pub fn render(problem: &Problem, style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    match &problem.line {
        Some(line) if style.snippet => snippet(problem, &clean(line), &renderer),
        _ if style.snippet => bare(problem, &renderer),
        _ => plain(problem),
    }
}

fn plain(problem: &Problem) -> String {
    let mut out = format!("{}: ", word(problem.severity));
    let subject = problem.place.as_ref().map(ToString::to_string).or_else(|| problem.object.clone());
    if let Some(subject) = subject {
        out.push_str(&subject);
        out.push_str(": ");
    }
    out.push_str(&problem.message);
    out.push_str(" (");
    out.push_str(problem.reason);
    out.push(')');
    let mut out = clean(&out);
    if let Some(help) = &problem.help {
        out.push_str("\n  help: ");
        out.push_str(&clean(help));
    }
    out
}

fn snippet(problem: &Problem, line: &str, renderer: &Renderer) -> String {
    let (number, column, path) = problem
        .place
        .as_ref()
        .map_or((1, 0, String::new()), |place| (place.line.max(1) as usize, place.column as usize, clean(&place.file)));
    let source = Snippet::source(line).line_start(number).path(path);
    let annotation = AnnotationKind::Primary.span(span(line, column)).label(problem.object.clone().map(|object| clean(&object)));
    draw(problem, renderer, |group| group.element(source.annotation(annotation)))
}

/// As a snippet, when there is no line to show.
fn bare(problem: &Problem, renderer: &Renderer) -> String {
    draw(problem, renderer, |group| match &problem.place {
        None => group,
        Some(place) => {
            let origin = Origin::path(clean(&place.file));
            let origin = if place.line > 0 { origin.line(place.line as usize) } else { origin };
            let origin = if place.column > 0 { origin.char_column(place.column as usize) } else { origin };
            group.element(origin)
        }
    })
}

fn draw<'a>(problem: &'a Problem, renderer: &Renderer, body: impl FnOnce(Group<'a>) -> Group<'a>) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let subject = match (&problem.place, &problem.object) {
        (None, Some(object)) => format!("{object}: "),
        _ => String::new(),
    };
    let title = level.primary_title(clean(&format!("{subject}{}", problem.message))).id(problem.reason);
    let mut group = body(Group::with_title(title));
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    renderer.render(&[group])
}

/// Bytes of the word at `column` (characters, from 1); the whole line's text when there is no column.
fn span(line: &str, column: usize) -> std::ops::Range<usize> {
    let byte = |characters: usize| line.char_indices().nth(characters).map_or(line.len(), |(at, _)| at);
    let Some(column) = column.checked_sub(1) else {
        return line.len() - line.trim_start().len()..line.len();
    };
    let start = byte(column);
    let word = line.get(start..).unwrap_or_default();
    let quoted = word.chars().next().filter(|c| matches!(c, '"' | '\''));
    let length = match quoted {
        Some(quote) => word.get(1..).and_then(|rest| rest.find(quote)).map_or(word.len(), |at| at + 2),
        None => word.find([' ', ',', ']', '}']).unwrap_or(word.len()),
    };
    let length = word
        .get(..length)
        .map_or(length, |text| text.trim_end_matches(':').len())
        .max(word.chars().next().map_or(0, char::len_utf8));
    start..start + length
}

/// One line: tabs stay; every other control character, and those that turn the direction of text, are replaced, so that
/// input can not steer a terminal. Columns stay.
fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) && c != '\t' { '\u{fffd}' } else { c }).collect()
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
