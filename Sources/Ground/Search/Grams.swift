/// Pairs of neighbouring characters. Chinese has no spaces between words, and two characters are the shortest word that
/// somebody looks for.
enum Grams {
    /// Longer texts are cut: nobody finds a thing by its hundredth word.
    private static let charactersMax = 100

    static func of(_ text: String) -> Set<String> {
        let characters = Array(text.lowercased().filter { !$0.isWhitespace }.prefix(charactersMax))
        guard characters.count >= 2 else { return [] }
        return Set((1..<characters.count).map { String(characters[($0 - 1)...$0]) })
    }
}
