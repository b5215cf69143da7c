//! What a model said, taken apart: the definition is what stands between fences, whatever is said around it.

/// What blocks with definitions are called.
const WORDS: [&str; 3] = ["yaml", "yml", "json"];

/// One block between fences.
struct Block {
    word: String,
    text: String,
}

/// Returns the definition, or the step, that a reply holds: its last block that is called YAML or JSON, else its last one
/// without a name; without any block the whole reply, when it looks like one.
pub fn definition(reply: &str) -> Option<String> {
    let blocks = blocks(reply);
    let called = |words: &[&str]| blocks.iter().rfind(|block| words.contains(&block.word.as_str()));
    if let Some(block) = called(&WORDS).or_else(|| called(&[""])) {
        return Some(block.text.clone()).filter(|text| !text.trim().is_empty());
    }
    let bare = reply.trim();
    let begins = ["{", "name:", "id:", "- id:", "type:", "slug:", "steps:", "---"];
    (blocks.is_empty() && begins.iter().any(|word| bare.starts_with(word))).then(|| format!("{bare}\n"))
}

/// Lists the blocks. One that is never closed goes to the end: models forget it.
fn blocks(reply: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = reply.lines();
    while let Some(line) = lines.next() {
        let Some((indent, fence, word)) = opening(line) else { continue };
        let inside = lines.by_ref().take_while(|line| !closes(line, indent, fence));
        let text = inside.map(|line| format!("{}\n", without(line, indent))).collect();
        blocks.push(Block { word, text });
    }
    blocks
}

/// Reads a line that opens a block: how deep it stands, its fence, and its first word.
fn opening(line: &str) -> Option<(usize, &str, String)> {
    let bare = line.trim_start_matches(' ');
    let mark = bare.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let word = bare.trim_start_matches(mark);
    let fence = &bare[..bare.len() - word.len()];
    let is_fence = fence.len() >= 3 && !word.contains(mark);
    let word = word.split_whitespace().next().unwrap_or_default().to_lowercase();
    is_fence.then_some((line.len() - bare.len(), fence, word))
}

/// Tells whether a line closes a block. One that stands deeper belongs to a text inside of it.
fn closes(line: &str, indent: usize, fence: &str) -> bool {
    let bare = line.trim_start_matches(' ');
    let mark = &fence[..1];
    line.len() - bare.len() <= indent && bare.starts_with(fence) && bare.trim_end().trim_start_matches(mark).is_empty()
}

fn without(line: &str, indent: usize) -> &str {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    &line[spaces.min(indent)..]
}

/// Puts a text between fences that are longer than any in it.
pub fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}yaml\n{}\n{fence}", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_stands_between_fences() {
        let text = |reply: &str| definition(reply).unwrap_or_default();
        assert_eq!(text("Here:\n```yaml\nname: A\n```\nDone."), "name: A\n");
        assert_eq!(text("~~~\nname: A\n~~~"), "name: A\n");
        assert_eq!(text("```YML title\nname: A"), "name: A\n", "never closed");
        assert_eq!(text("1. so\n   ```json\n   {\"a\":\n     1}\n   ```\n"), "{\"a\":\n  1}\n");
        assert_eq!(
            text("```yaml\nold: 1\n```\n```yaml\nnew: 1\n```\n```sh\nls\n```"),
            "new: 1\n",
            "the last that counts"
        );
        assert_eq!(text("```sh\nls\n```\n```\nname: A\n```"), "name: A\n");
        assert_eq!(text("name: A\nsteps: []"), "name: A\nsteps: []\n", "nothing but it");
        let prompt = "steps:\n  - prompt: |\n      ```\n      code\n      ```\n";
        assert_eq!(text(&format!("```yaml\n{prompt}```")), prompt, "fences inside of a text");
        for none in ["I would rather not.", "", "```sh\nls\n```", "```yaml\n```", "Use `name: A`."] {
            assert_eq!(definition(none), None, "{none}");
        }
    }

    #[test]
    fn what_was_fenced_is_read_back() {
        for text in ["name: A\n", "a: |\n  ```\n  x\n  ```\n", "````\nodd\n````\n"] {
            assert_eq!(definition(&fenced(text)).as_deref(), Some(text));
        }
    }
}
