//! `tecrax shapes`: everything that can ever be sent to a target.

use serde_json::json;

use super::args::ListArgs;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::table::Table;

/// Runs `shapes`.
pub fn run(context: &Context<'_>, args: &ListArgs) -> Result<Exit, Failure> {
    let profile = context.profile()?;
    let shapes: Vec<_> = profile.connectors.values().flat_map(|connector| connector.shapes.values()).collect();
    let text = match args.output {
        Format::Json | Format::Yaml => {
            let items: Vec<_> = shapes
                .iter()
                .map(|shape| {
                    json!({
                        "connector": shape.connector,
                        "shape": shape.action,
                        "request": shape.describe(),
                        "maxOutputBytes": shape.max_output_bytes,
                        "digest": shape.digest,
                    })
                })
                .collect();
            format::text(args.output, &json!(items))?
        }
        Format::Name => format::lines(shapes.iter().map(|shape| &shape.action)),
        Format::Table | Format::Wide => {
            let mut table = Table::new(&["CONNECTOR", "SHAPE", "DIGEST", "SENDS"]);
            for shape in shapes {
                table.row([shape.connector.clone(), shape.action.clone(), shape.digest.short(), shape.line()]);
            }
            table.render()
        }
    };
    context.screen.data(&text);
    Ok(Exit::Ok)
}
