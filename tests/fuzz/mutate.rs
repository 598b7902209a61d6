//! Mutations: the same sequence for the same seeds.

/// Words that mean something to some parser.
const WORDS: &[&[u8]] = &[
    b"---\n",
    b"...\n",
    b"\t",
    b"\xEF\xBB\xBF",
    b"null",
    b"true",
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!int ",
    b"|\n",
    b"%YAML 1.1\n",
    b"-1",
    b"1e999",
    b"0x10",
    b"9223372036854775808",
    b"\\u0000",
    b"\\ud800",
    b"\x00",
    b"\xff",
    b"\xc0\x80",
    b"\x1b[2J",
    b"\x1e",
    b"\x15",
    b"\r\n",
    b"@revoked ",
    b"@cert-authority ",
    b"|1|",
    b"*",
    b"!",
    b"error",
    b"result",
    b"apiVersion: tecrax.io/v1alpha1\n",
    b"kind: ",
    b"metadata",
    b"spec",
    b"\xc0\x0c",
];
/// Longest input.
const LONGEST: usize = 64 * 1024;

pub struct Mutator<'s> {
    state: u64,
    seeds: &'s [Vec<u8>],
}

impl<'s> Mutator<'s> {
    pub fn new(number: u64, seeds: &'s [Vec<u8>]) -> Self {
        Self { state: number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, seeds }
    }

    /// xorshift64*: nothing here needs more.
    fn random(&mut self, below: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let value = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(value).unwrap() % below.max(1)
    }

    pub fn next(&mut self) -> Vec<u8> {
        let first = self.random(self.seeds.len());
        let mut input = self.seeds[first].clone();
        // Long seeds are cut to a window now and then: mutations of the whole would mostly hit the same places.
        if input.len() > 4096 && self.random(4) > 0 {
            let start = self.random(input.len() - 1024);
            input = input[start..(start + 1024).min(input.len())].to_vec();
        }
        for _ in 0..=self.random(6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random(input.len() + 1);
        match self.random(9) {
            0 if at < input.len() => input[at] ^= 1 << self.random(8),
            1 if at < input.len() => input[at] = u8::try_from(self.random(256)).unwrap(),
            2 => input.truncate(at),
            3 if at < input.len() => {
                let end = (at + 1 + self.random(16)).min(input.len());
                input.drain(at..end);
            }
            4 if at < input.len() => {
                let end = (at + 1 + self.random(64)).min(input.len());
                let piece = input[at..end].to_vec();
                for _ in 0..=self.random(8) {
                    input.splice(at..at, piece.iter().copied());
                }
            }
            5 => {
                let other = self.random(self.seeds.len());
                let other = &self.seeds[other];
                let start = self.random(other.len());
                let end = (start + 1 + self.random(256)).min(other.len());
                let piece = other.get(start..end).unwrap_or_default().to_vec();
                input.splice(at..at, piece);
            }
            6 => {
                let digits = input.iter().position(u8::is_ascii_digit);
                if let Some(place) = digits {
                    input[place] = b"0123456789-"[self.random(11)];
                }
            }
            _ => {
                let word = WORDS[self.random(WORDS.len())];
                input.splice(at..at, word.iter().copied());
            }
        }
    }
}
