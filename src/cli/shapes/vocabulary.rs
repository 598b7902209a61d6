//! `shapes` without manifests: the closed list of the profile.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::super::table::Table;

/// Prints every shape of the profile in force.
pub(super) fn print(context: &Context<'_>, output: Format) -> Result<Exit, Failure> {
    let profile = context.profile()?;
    let shapes: Vec<_> = profile.connectors.values().flat_map(|connector| connector.shapes.values()).collect();
    let text = match output {
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
            format::text(output, &json!(items))?
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
