//! Prometheus' text format out of OpenMetrics text: every scraper, node_exporter and `promtool check metrics` read it.

use std::fmt::Write as _;

/// Rewrites OpenMetrics text as version 0.0.4: counters and infos are described under the names of their samples, an info is a
/// gauge of 1, and there are no units and no end mark.
pub fn classic(openmetrics: &str) -> String {
    let mut page = String::with_capacity(openmetrics.len() + 256);
    let mut help = "";
    for line in openmetrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map_or("", |(_, text)| text);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                other => ("", other),
            };
            // Writing to a string does not fail.
            let _ = writeln!(page, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with("# UNIT ") && line != "# EOF" {
            page.push_str(line);
            page.push('\n');
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::classic;

    #[test]
    fn counters_and_infos_are_described_by_their_samples_names() {
        let text = "# HELP a_runs Runs.\n# TYPE a_runs counter\na_runs_total{b=\"c\"} 2\n# HELP a_build What.\n# TYPE a_build info\n\
                    a_build_info{version=\"1\"} 1\n# HELP a_t_seconds When.\n# TYPE a_t_seconds gauge\n# UNIT a_t_seconds seconds\n\
                    a_t_seconds 1.5\n# EOF\n";
        let page = "# HELP a_runs_total Runs.\n# TYPE a_runs_total counter\na_runs_total{b=\"c\"} 2\n# HELP a_build_info What.\n\
                    # TYPE a_build_info gauge\na_build_info{version=\"1\"} 1\n# HELP a_t_seconds When.\n# TYPE a_t_seconds gauge\n\
                    a_t_seconds 1.5\n";
        assert_eq!(classic(text), page);
    }
}
