import Foundation
import Synchronization
import Testing

@testable import Web

private struct Row: PageView {
    let title: String
    let hint: String?
    let count: Int
}

private struct Boxed<Value: Sendable>: PageView {
    let first: Value
    let second: Value?
}

private enum Shape: PageView {
    case round(Int)
    case square(Int)
}

/// Says how often it was looked into.
private struct Watched: PageView, CustomReflectable {
    static let looks = Mutex(0)
    let title = "x"

    var customMirror: Mirror {
        Self.looks.withLock { $0 += 1 }
        return Mirror(self, children: ["title": title], displayStyle: .struct)
    }
}

@Suite("names of a page")
struct PageViewTests {
    @Test("a property is shown, a name that is none is not there, and nil hides what stands further out")
    func names() {
        for _ in 0..<2 {
            let with = Row(title: "甲", hint: "乙", count: 3)
            let without = Row(title: "丙", hint: nil, count: 4)
            #expect(with.child(named: "title") as? String == "甲")
            #expect(without.child(named: "title") as? String == "丙")
            #expect(with.child(named: "count") as? Int == 3)
            #expect(with.child(named: "hint") as? String == "乙")
            #expect(without.child(named: "hint") is NSNull)
            #expect(with.child(named: "frame") == nil && with.child(named: "") == nil)
        }
    }

    @Test("types of one shape are told apart, and one without a lasting shape is looked at each time")
    func shapes() {
        #expect(Boxed(first: 1, second: nil).child(named: "first") as? Int == 1)
        #expect(Boxed(first: "一", second: "二").child(named: "second") as? String == "二")
        #expect(Boxed(first: 1, second: nil).child(named: "second") is NSNull)
        #expect(Shape.round(1).child(named: "round") as? Int == 1)
        #expect(Shape.square(2).child(named: "square") as? Int == 2)
        #expect(Shape.square(2).child(named: "round") == nil)
    }

    @Test("a cell, which tells its properties itself, tells all of them")
    func cells() {
        let full = TableView.Cell("甲", href: "/x", badge: BadgeView("乙", .good), isNumber: true)
        for (name, value) in Mirror(reflecting: full).children {
            let shown = full.child(named: name ?? "")
            let mirror = Mirror(reflecting: value)
            let kept: Any? = mirror.displayStyle == .optional ? mirror.children.first?.value : value
            #expect(shown.map { "\($0)" } == kept.map { "\($0)" }, "\(name ?? "")")
        }
        let bare = TableView.Cell("甲")
        #expect(bare.child(named: "href") is NSNull && bare.child(named: "badge") is NSNull)
        #expect(bare.child(named: "title") == nil)
    }

    @Test("a name that a view does not have costs no look into it, once its type is known")
    func absent() {
        let view = Watched()
        #expect(view.child(named: "title") as? String == "x")
        let before = Watched.looks.withLock { $0 }
        for name in ["t", "icon", "frame", "hint"] { #expect(view.child(named: name) == nil) }
        #expect(Watched.looks.withLock { $0 } == before)
        #expect(view.child(named: "title") as? String == "x")
        #expect(Watched.looks.withLock { $0 } == before + 1)
    }
}
