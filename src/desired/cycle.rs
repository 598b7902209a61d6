//! Cycles of a directed graph.

/// Groups of nodes that reach each other, and single nodes that reach themselves, each sorted. `edges[n]` lists the nodes that
/// node `n` points at; indices outside are ignored.
///
/// Tarjan's algorithm with its own stack: chains of any length are fine.
pub(super) fn find(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        edges,
        order: vec![None; edges.len()],
        low: vec![0; edges.len()],
        on_stack: vec![false; edges.len()],
        stack: Vec::new(),
        count: 0,
        cycles: Vec::new(),
    };
    for node in 0..edges.len() {
        if search.order.get(node).is_some_and(Option::is_none) {
            search.visit(node);
        }
    }
    search.cycles
}

struct Search<'e> {
    edges: &'e [Vec<usize>],
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    count: usize,
    cycles: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn visit(&mut self, root: usize) {
        let mut work = vec![(root, 0)];
        self.enter(root);
        while let Some((node, next)) = work.pop() {
            if let Some(&child) = self.edges.get(node).and_then(|list| list.get(next)) {
                work.push((node, next + 1));
                match self.order.get(child).copied() {
                    Some(None) => {
                        self.enter(child);
                        work.push((child, 0));
                    }
                    Some(Some(order)) if self.on_stack.get(child) == Some(&true) => self.lower(node, order),
                    _ => {}
                }
                continue;
            }
            let low = self.low.get(node).copied().unwrap_or_default();
            if let Some((parent, _)) = work.last() {
                self.lower(*parent, low);
            }
            if self.order.get(node) == Some(&Some(low)) {
                self.leave(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        set(&mut self.order, node, Some(self.count));
        set(&mut self.low, node, self.count);
        set(&mut self.on_stack, node, true);
        self.count += 1;
        self.stack.push(node);
    }

    fn lower(&mut self, node: usize, to: usize) {
        if let Some(low) = self.low.get_mut(node) {
            *low = to.min(*low);
        }
    }

    fn leave(&mut self, node: usize) {
        let mut group = Vec::new();
        while let Some(member) = self.stack.pop() {
            set(&mut self.on_stack, member, false);
            group.push(member);
            if member == node {
                break;
            }
        }
        let itself = self.edges.get(node).is_some_and(|list| list.contains(&node));
        if group.len() > 1 || itself {
            group.sort_unstable();
            self.cycles.push(group);
        }
    }
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn chains_have_no_cycle_and_any_length() {
        let edges: Vec<Vec<usize>> = (0..100_000).map(|node| vec![node + 1]).collect();
        assert!(find(&edges).is_empty());
    }

    #[test]
    fn every_member_of_a_cycle_is_found_and_nobody_else() {
        // 0 → 1 → 2 → 0, 3 → 0, 4 → 4, and 1 → 5 → 1 joins the first.
        let edges = vec![vec![1], vec![2, 5], vec![0], vec![0], vec![4], vec![1]];
        let mut cycles = find(&edges);
        cycles.sort();
        assert_eq!(cycles, [vec![0, 1, 2, 5], vec![4]]);
    }

    #[test]
    fn a_long_ring_is_one_cycle() {
        let edges: Vec<Vec<usize>> = (0..50_000).map(|node| vec![(node + 1) % 50_000]).collect();
        assert_eq!(find(&edges).len(), 1);
    }
}
