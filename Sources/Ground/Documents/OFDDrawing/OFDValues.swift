/// Numbers as OFD writes them, divided by spaces; what is none, or beyond all reason, is left out of the drawing.
enum OFDValues {
    /// No page and no figure on it is larger; what is could only be meant to stop the program.
    static let mostMillimetres = 100_000.0

    static func number(_ text: String?) -> Double? {
        guard let text, let number = Double(text), abs(number) <= mostMillimetres else { return nil }
        return number
    }

    static func numbers(_ text: String?, most: Int) -> [Double]? {
        guard let text else { return nil }
        var numbers: [Double] = []
        for part in text.split(whereSeparator: \.isWhitespace) {
            guard numbers.count < most, let number = number(String(part)) else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// `x y width height`
    static func box(_ text: String?) -> SheetBox? {
        guard let parts = numbers(text, most: 4), parts.count == 4, parts[2] >= 0, parts[3] >= 0 else {
            return nil
        }
        return SheetBox(parts[0], parts[1], parts[2], parts[3])
    }

    /// The offsets of `DeltaX`: `g 3 4.2` stands for three of 4.2.
    /// - Parameter most: offsets that can be used; more are not made.
    static func deltas(_ text: String?, most: Int) -> [Double] {
        guard let text else { return [] }
        var parts = text.split(whereSeparator: \.isWhitespace)[...]
        var deltas: [Double] = []
        while let part = parts.popFirst(), deltas.count < most {
            if part == "g" {
                guard let count = parts.popFirst().flatMap({ Int($0) }), count >= 0,
                    let delta = number(parts.popFirst().map(String.init))
                else { return deltas }
                deltas += Array(repeating: delta, count: min(count, most - deltas.count))
            } else if let delta = number(String(part)) {
                deltas.append(delta)
            } else {
                return deltas
            }
        }
        return deltas
    }

    /// `FillColor` and `StrokeColor`: one value is grey, three are red, green and blue, four cyan to black.
    /// - Parameter cover: 0...1 of the object that the colour is for.
    static func ink(_ element: XMLTree?, cover: Double) -> Ink? {
        guard let element else { return nil }
        // A shading is drawn in the colour it begins with.
        let source = element.attributes["Value"] == nil ? element.firstColour : element
        guard let source, let parts = numbers(source.attributes["Value"], most: 4) else { return nil }
        let alpha = number(source.attributes["Alpha"] ?? element.attributes["Alpha"]) ?? 255
        let all = max(0, min(1, cover * alpha / 255))
        func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value))) }
        switch parts.count {
        case 1: return Ink(byte(parts[0]), byte(parts[0]), byte(parts[0]), cover: all)
        case 3: return Ink(byte(parts[0]), byte(parts[1]), byte(parts[2]), cover: all)
        case 4:
            func mixed(_ at: Int) -> UInt8 { byte((255 - parts[at]) * (255 - parts[3]) / 255) }
            return Ink(mixed(0), mixed(1), mixed(2), cover: all)
        default: return nil
        }
    }
}

extension XMLTree {
    fileprivate var firstColour: XMLTree? {
        for child in children {
            if child.name == "Color", child.attributes["Value"] != nil { return child }
            if let found = child.firstColour { return found }
        }
        return nil
    }
}
