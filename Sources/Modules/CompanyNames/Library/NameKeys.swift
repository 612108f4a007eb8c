/// The keys under which a brand is found again. A brand of two characters needs none but itself, its sound and its
/// reverse; longer ones add their inner parts and themselves with one inner character left out.
enum NameKeys {
    /// What an entry is stored under, besides the columns `brand`, `sound` and `reversed`.
    static func stored(brand: String, sounds: [String]) -> [String] {
        let text = Array(brand)
        var keys: Set<String> = Set(sounds.dropFirst().map { "s:\($0)" })
        if text.count >= 3 {
            for gap in 1..<text.count - 1 { keys.insert(split(text, leavingOut: gap)) }
        }
        if text.count >= 4 {
            for start in 1..<text.count - 2 {
                for end in (start + 2)..<text.count { keys.insert("i:\(String(text[start..<end]))") }
            }
        }
        return keys.sorted()
    }

    /// `a|c` for the text without the character at `place`: finds what differs there, and what lacks it.
    static func split(_ text: [Character], leavingOut place: Int) -> String {
        "g:\(String(text[..<place]))|\(String(text[(place + 1)...]))"
    }

    /// `a|c` for the text cut before `place`: finds what has one more character there.
    static func cut(_ text: [Character], before place: Int) -> String {
        "g:\(String(text[..<place]))|\(String(text[place...]))"
    }

    static func infix(_ text: [Character]) -> String { "i:\(String(text))" }

    static func sound(_ sound: String) -> String { "s:\(sound)" }
}
