import Foundation

/// The baseline of an arc: part of an ellipse around the seal's middle, from its top (or bottom) to both sides.
struct SealCurve {
    struct Place {
        let point: SheetPoint
        /// The direction of writing, of length 1.
        let along: SheetPoint
    }

    private let across: Double
    private let down: Double
    private let isLower: Bool
    /// Length from the top to each of the steps, and all the way round at the end.
    private let lengths: [Double]

    private static let steps = 720

    init(across: Double, down: Double, isLower: Bool) {
        self.across = across
        self.down = down
        self.isLower = isLower
        var lengths = [0.0]
        var last = SheetPoint(0, -down)
        for step in 1...Self.steps {
            let angle = 2 * Double.pi * Double(step) / Double(Self.steps)
            let next = SheetPoint(across * sin(angle), -down * cos(angle))
            lengths.append((lengths.last ?? 0) + hypot(next.x - last.x, next.y - last.y))
            last = next
        }
        self.lengths = lengths
    }

    /// The same arc further from the baseline's feet, or nearer on the lower side, where characters stand inwards.
    func moved(by height: Double) -> SealCurve {
        let height = isLower ? -height : height
        return SealCurve(across: across + height, down: down + height, isLower: isLower)
    }

    /// All the way round: places are given as parts of it, so that they hold for every curve of the family.
    var unit: Double { lengths.last ?? 1 }

    /// Of an arc of so many degrees, centred on the top.
    func length(_ degrees: Double) -> Double {
        let step = min(degrees, 360) / 2 / 360 * Double(Self.steps)
        return 2 * length(atStep: step)
    }

    private func length(atStep step: Double) -> Double {
        let whole = min(Int(step), Self.steps - 1)
        return lengths[whole] + (lengths[whole + 1] - lengths[whole]) * (step - Double(whole))
    }

    /// - Parameter part: of the way round, from the top to the right; negative to the left.
    func place(_ part: Double) -> Place {
        let target = abs(part) * unit
        var low = 0
        var high = Self.steps
        while high - low > 1 {
            let middle = (low + high) / 2
            if lengths[middle] <= target { low = middle } else { high = middle }
        }
        let span = lengths[high] - lengths[low]
        let step = Double(low) + (span > 0 ? (target - lengths[low]) / span : 0)
        let angle = (part < 0 ? -1 : 1) * 2 * Double.pi * step / Double(Self.steps)
        let slope = SheetPoint(across * cos(angle), down * sin(angle))
        let long = hypot(slope.x, slope.y)
        let along = SheetPoint(slope.x / long, slope.y / long)
        let point = SheetPoint(across * sin(angle), -down * cos(angle))
        // The lower arc is the upper one seen in a mirror that lies flat: still written from left to right.
        return isLower
            ? Place(point: SheetPoint(point.x, -point.y), along: SheetPoint(along.x, -along.y))
            : Place(point: point, along: along)
    }
}
