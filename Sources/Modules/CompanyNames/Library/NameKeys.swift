/// The keys under which a brand is found again, besides itself and its most usual sound.
enum NameKeys {
    /// Longer brands are cut for the inner parts, so that their number stays small.
    private static let partsFrom = 8

    /// One key for each character left out, one for each inner part, one for each other sound.
    static func stored(brand: String, otherSounds: [String]) -> [String] {
        let text = Array(brand)
        var keys = Set(otherSounds.map(sound))
        if text.count >= 2 {
            for place in text.indices { keys.insert(split(text, leavingOut: place)) }
        }
        let front = text.prefix(partsFrom)
        if front.count >= 4 {
            for start in 0..<front.count - 1 {
                for end in (start + 2)...front.count where end - start <= text.count - 2 {
                    keys.insert(part(Array(front[start..<end])))
                }
            }
        }
        return keys.sorted()
    }

    /// What to look up to find a brand that differs in one character, has one more, or has this one inside.
    static func asked(_ text: [Character]) -> [String] {
        var keys: Set<String> = [part(text)]
        for place in text.indices { keys.insert(split(text, leavingOut: place)) }
        for place in 0...text.count { keys.insert(cut(text, before: place)) }
        return keys.sorted()
    }

    /// `a|c` for the text without the character at `place`.
    private static func split(_ text: [Character], leavingOut place: Int) -> String {
        "g:\(String(text[..<place]))|\(String(text[(place + 1)...]))"
    }

    /// `a|c` for the text cut before `place`: what a brand with one more character there is stored under.
    private static func cut(_ text: [Character], before place: Int) -> String {
        "g:\(String(text[..<place]))|\(String(text[place...]))"
    }

    private static func part(_ text: [Character]) -> String { "i:\(String(text))" }

    static func sound(_ sound: String) -> String { "s:\(sound)" }
}
