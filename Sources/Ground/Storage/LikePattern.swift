/// Words as a pattern of `LIKE … ESCAPE '!'`, in which they mean only themselves.
public enum LikePattern {
    public static func containing(_ words: String) -> String { "%\(literal(words))%" }

    public static func beginning(with words: String) -> String { "\(literal(words))%" }

    public static func literal(_ words: String) -> String {
        words.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_")
    }
}
