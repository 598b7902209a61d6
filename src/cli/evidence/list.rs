//! `tecrax evidence list`: records, newest first.

use std::ops::ControlFlow;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::exit::Failure;
use super::super::format::{self, Format};
use super::super::table::Table;
use super::args::ListRecordsArgs;
use super::content::Content;
use super::instant::Period;
use super::scope::Asked;
use crate::api::did_you_mean;
use crate::evidence::RecordKind;
use crate::store::RecordFilter;

/// Runs `evidence list`.
pub fn run(context: &Context<'_>, args: &ListRecordsArgs) -> Result<Exit, Failure> {
    let period = Period::read(args.since.as_deref(), args.until.as_deref(), (context.now)())?;
    let asked = Asked::read(args.pair.as_slice(), &args.scope)?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut records = Vec::new();
    let mut more = false;
    let Some(db) = context.db()? else {
        print(context, args.output, &[])?;
        context.screen.word(&context.nothing_yet()?);
        return Ok(Exit::Ok);
    };
    let scope = asked.resolve(&db)?;
    let filter = RecordFilter {
        subject: scope.single().cloned(),
        from: Some(period.from),
        to: Some(period.to),
        newest_first: true,
        ..RecordFilter::default()
    };
    db.records(&filter, |record| {
        let header = &record.header;
        let wanted = scope.holds(&header.subject)
            && period.holds(header.sealed_at)
            && args.kind.as_deref().is_none_or(|kind| is_kind(&header.kind, kind));
        if wanted && records.len() == limit {
            more = true;
            return ControlFlow::Break(());
        }
        if wanted {
            records.push(record);
        }
        ControlFlow::Continue(())
    })?;
    let records = records.into_iter().map(Content::read).collect::<Result<Vec<_>, _>>()?;
    print(context, args.output, &records)?;
    if more {
        context.screen.word(&format!("there are more than these {limit}: --limit shows more, --until older ones"));
    } else if records.is_empty() {
        context.screen.word(&nothing(args.kind.as_deref()));
    }
    Ok(Exit::Ok)
}

/// Whether the versioned `kind` is `wanted`, with or without its version.
fn is_kind(kind: &str, wanted: &str) -> bool {
    kind == wanted || kind.rsplit_once(".v").is_some_and(|(word, _)| word == wanted)
}

fn nothing(kind: Option<&str>) -> String {
    let known = RecordKind::ALL.map(|kind| kind.as_str().split('.').next().unwrap_or_default());
    let Some(kind) = kind.filter(|wanted| !RecordKind::ALL.iter().any(|kind| is_kind(kind.as_str(), wanted))) else {
        return "nothing matches".to_owned();
    };
    // The set of kinds is open: only that nothing was found makes an unknown word a likely mistake.
    match did_you_mean(kind, known) {
        Some(near) => format!("nothing matches; did you mean --kind {near}?"),
        None => format!("nothing matches; kinds are {}", known.join(", ")),
    }
}

fn print(context: &Context<'_>, format: Format, records: &[Content]) -> Result<(), Failure> {
    if format.structured() {
        let items = records.iter().map(Content::to_json).collect();
        context.screen.data(&format::objects(format, items, false)?);
        return Ok(());
    }
    if format == Format::Name {
        context.screen.data(&format::lines(records.iter().map(Content::name)));
        return Ok(());
    }
    let wide = format == Format::Wide;
    let mut headings = vec!["INDEX", "RECORD", "KIND", "SEALED", "SAYS", "LEAF"];
    if wide {
        headings.extend(["REASON", "INTENT", "BODY"]);
    }
    let mut table = Table::new(&headings);
    for content in records {
        let header = &content.record.header;
        let leaf = if wide { content.record.leaf.to_string() } else { content.record.leaf.short() };
        let mut cells = vec![
            content.record.index.to_string(),
            content.name(),
            header.kind.clone(),
            header.sealed_at.to_string(),
            content.word(),
            leaf,
        ];
        if wide {
            let text = |key: &str| content.text(key).unwrap_or("-").to_owned();
            cells.extend([content.reason().to_owned(), text("/intent"), header.body.to_string()]);
        }
        table.row(cells);
    }
    if !table.is_empty() {
        context.screen.data(&table.render());
    }
    Ok(())
}
