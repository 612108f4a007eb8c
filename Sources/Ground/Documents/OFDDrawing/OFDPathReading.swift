import Foundation

/// `AbbreviatedData`: letters with their numbers (GB/T 33190-2016, paths).
enum OFDPathReading {
    /// - Parameter most: steps that may be drawn; nil is returned for more, and for what cannot be read.
    static func path(_ text: String, most: Int) -> SheetPath? {
        var parts = text.split(whereSeparator: { $0.isWhitespace || $0 == "," })[...]
        var path = SheetPath()
        var at = SheetPoint(0, 0)
        func numbers(_ count: Int) -> [Double]? {
            var numbers: [Double] = []
            for _ in 0..<count {
                guard let number = OFDValues.number(parts.popFirst().map(String.init)) else { return nil }
                numbers.append(number)
            }
            return numbers
        }
        while let letter = parts.popFirst() {
            guard path.steps.count < most else { return nil }
            switch letter {
            case "S", "M":
                guard let n = numbers(2) else { return nil }
                at = SheetPoint(n[0], n[1])
                path.steps.append(.move(at))
            case "L":
                guard let n = numbers(2) else { return nil }
                at = SheetPoint(n[0], n[1])
                path.steps.append(.line(at))
            case "Q":
                guard let n = numbers(4) else { return nil }
                at = SheetPoint(n[2], n[3])
                path.steps.append(.quadratic(SheetPoint(n[0], n[1]), at))
            case "B":
                guard let n = numbers(6) else { return nil }
                at = SheetPoint(n[4], n[5])
                path.steps.append(.cubic(SheetPoint(n[0], n[1]), SheetPoint(n[2], n[3]), at))
            case "A":
                guard let n = numbers(7) else { return nil }
                let end = SheetPoint(n[5], n[6])
                let arc = EllipticArc(
                    across: abs(n[0]),
                    down: abs(n[1]),
                    turn: n[2] * .pi / 180,
                    isLarge: n[3] != 0,
                    isClockwise: n[4] != 0
                )
                path.steps += arc.steps(from: at, to: end)
                at = end
            case "C": path.steps.append(.close)
            default: return nil
            }
        }
        return path
    }
}

/// Part of an ellipse between two points, as SVG describes it (SVG 1.1, appendix F.6), which OFD took over.
struct EllipticArc {
    let across: Double
    let down: Double
    let turn: Double
    let isLarge: Bool
    let isClockwise: Bool

    func steps(from start: SheetPoint, to end: SheetPoint) -> [SheetPath.Step] {
        guard across > 0, down > 0, start != end else { return [.line(end)] }
        let (cosine, sine) = (cos(turn), sin(turn))
        // Into the ellipse's own axes, half of the chord.
        let half = SheetPoint((start.x - end.x) / 2, (start.y - end.y) / 2)
        let x = cosine * half.x + sine * half.y
        let y = -sine * half.x + cosine * half.y
        // Radii too small for the chord are made just large enough (F.6.6).
        let need = (x * x / (across * across) + y * y / (down * down)).squareRoot()
        let a = across * max(1, need)
        let b = down * max(1, need)
        let rest = a * a * b * b - a * a * y * y - b * b * x * x
        let root = (max(0, rest) / (a * a * y * y + b * b * x * x)).squareRoot()
        let side = isLarge == isClockwise ? -root : root
        let middle = SheetPoint(side * a * y / b, -side * b * x / a)
        let centre = SheetPoint(
            cosine * middle.x - sine * middle.y + (start.x + end.x) / 2,
            sine * middle.x + cosine * middle.y + (start.y + end.y) / 2
        )
        let first = atan2((y - middle.y) / b, (x - middle.x) / a)
        var sweep = atan2((-y - middle.y) / b, (-x - middle.x) / a) - first
        if isClockwise, sweep < 0 { sweep += 2 * .pi }
        if !isClockwise, sweep > 0 { sweep -= 2 * .pi }
        let count = max(1, Int((abs(sweep) / (.pi / 2)).rounded(.up)))
        let step = sweep / Double(count)
        let pull = 4 / 3 * tan(step / 4)
        func place(_ x: Double, _ y: Double) -> SheetPoint {
            SheetPoint(
                centre.x + cosine * a * x - sine * b * y,
                centre.y + sine * a * x + cosine * b * y
            )
        }
        return (0..<count).map { number in
            let from = first + Double(number) * step
            let to = from + step
            return .cubic(
                place(cos(from) - pull * sin(from), sin(from) + pull * cos(from)),
                place(cos(to) + pull * sin(to), sin(to) - pull * cos(to)),
                number == count - 1 ? end : place(cos(to), sin(to))
            )
        }
    }
}
