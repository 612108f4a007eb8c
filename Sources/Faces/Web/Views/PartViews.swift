import Foundation

/// Says "nothing here" to a template, so that it does not look for the name further out.
enum Absent {
    static func or(_ value: (any Sendable)?) -> Any { value.map { $0 as Any } ?? NSNull() }
}

/// How a state or notice is meant; always shown together with a word.
public enum Tone: String, Sendable, CaseIterable {
    case neutral, info, good, warn, bad

    var icon: String {
        switch self {
        case .neutral: "info-circle"
        case .info: "info-circle"
        case .good: "check-circle-fill"
        case .warn: "exclamation-triangle-fill"
        case .bad: "x-circle-fill"
        }
    }
}

/// A state in a word. Template: `part/badge`.
public struct BadgeView: PageView {
    public let text: String
    public let tone: String

    public init(_ text: String, _ tone: Tone) {
        self.text = text
        self.tone = tone.rawValue
    }
}

/// A boxed message. Template: `part/notice`.
public struct NoticeView: PageView {
    public let tone: String
    public let title: String?
    public let text: String
    public let linkText: String?
    public let linkHref: String?

    public init(_ tone: Tone, title: String? = nil, _ text: String, link: (text: String, href: String)? = nil)
    {
        self.tone = tone.rawValue
        self.title = title
        self.text = text
        linkText = link?.text
        linkHref = link?.href
    }

    public func child(named name: String) -> Any? {
        switch name {
        case "tone": tone
        case "title": Absent.or(title)
        case "text": text
        case "linkText": Absent.or(linkText)
        case "linkHref": Absent.or(linkHref)
        case "isGood": tone == Tone.good.rawValue
        case "isWarn": tone == Tone.warn.rawValue
        case "isBad": tone == Tone.bad.rawValue
        case "isPlain": tone == Tone.info.rawValue || tone == Tone.neutral.rawValue
        default: nil
        }
    }
}

/// A picture that says something, with words for who does not see it. Template: `part/picture`.
public struct PictureView: PageView {
    public let href: String
    public let words: String

    public init(href: String, words: String) {
        self.href = href
        self.words = words
    }
}

/// Names and values, each with a way to change it. Template: `part/summary`.
public struct SummaryView: PageView {
    public struct Row: PageView {
        public let name: String
        public let value: String
        /// Where the thing itself is read that the value names.
        public let valueHref: String?
        /// Where the value was taken from.
        public let source: String?
        public let badge: BadgeView?
        public let changeHref: String?
        /// 修改 followed by what, for screen readers.
        public let changeLabel: String?

        public init(
            _ name: String,
            _ value: String,
            valueHref: String? = nil,
            source: String? = nil,
            badge: BadgeView? = nil,
            changeHref: String? = nil,
            changeLabel: String? = nil
        ) {
            self.name = name
            self.value = value
            self.valueHref = valueHref
            self.source = source
            self.badge = badge
            self.changeHref = changeHref
            self.changeLabel = changeHref == nil ? nil : changeLabel ?? name
        }
    }

    public let title: String?
    public let rows: [Row]

    public init(title: String? = nil, rows: [Row]) {
        self.title = title
        self.rows = rows
    }
}

/// The parts of an application, each with its state. Template: `part/tasks`.
public struct TaskListView: PageView {
    public struct Task: PageView {
        public let title: String
        public let hint: String?
        /// Nil when it cannot be started yet.
        public let href: String?
        public let badge: BadgeView

        public init(_ title: String, hint: String? = nil, href: String?, badge: BadgeView) {
            self.title = title
            self.hint = hint
            self.href = href
            self.badge = badge
        }
    }

    public let tasks: [Task]

    public init(_ tasks: [Task]) { self.tasks = tasks }
}

/// What happened and what comes. Template: `part/timeline`.
public struct TimelineView: PageView {
    public enum Place: Sendable {
        case done, now, ahead, failed
    }

    public struct Step: PageView {
        public let title: String
        public let time: String?
        public let unit: String?
        public let text: String?
        public let place: String
        public let placeWord: String

        /// - Parameter placeWord: 已完成, 进行中 …, read aloud and shown; empty where the title says it.
        public init(
            _ title: String,
            _ place: Place,
            placeWord: String = "",
            time: String? = nil,
            unit: String? = nil,
            text: String? = nil
        ) {
            self.title = title
            self.time = time
            self.unit = unit
            self.text = text
            self.placeWord = placeWord
            switch place {
            case .done: self.place = "done"
            case .now: self.place = "now"
            case .ahead: self.place = "ahead"
            case .failed: self.place = "failed"
            }
        }

        public func child(named name: String) -> Any? {
            switch name {
            case "title": title
            case "time": Absent.or(time)
            case "unit": Absent.or(unit)
            case "text": Absent.or(text)
            case "place": place
            case "placeWord": Absent.or(placeWord.isEmpty ? nil : placeWord)
            case "isDone": place == "done"
            case "isNow": place == "now"
            case "isFailed": place == "failed"
            default: nil
            }
        }
    }

    public let steps: [Step]

    public init(_ steps: [Step]) { self.steps = steps }
}

/// Where one stands in a form of several pages. Template: `part/steps`.
public struct StepsView: PageView {
    public struct Step: PageView {
        public let number: Int
        public let title: String
        public let href: String?
        public let isDone: Bool
        public let isHere: Bool
    }

    public let steps: [Step]
    /// `第 2 步，共 6 步：人员`, for phones and screen readers.
    public let here: String

    /// - Parameters:
    ///   - current: 0-based.
    ///   - titles: with the path of a page that may be gone back to.
    public init(current: Int, _ titles: [(title: String, href: String?)], visit: Visit) {
        steps = titles.enumerated().map { index, entry in
            Step(
                number: index + 1,
                title: entry.title,
                href: index == current ? nil : entry.href,
                isDone: index < current,
                isHere: index == current
            )
        }
        let title = titles.indices.contains(current) ? titles[current].title : ""
        here = visit.text(
            "web.step-of",
            ["number": String(current + 1), "count": String(titles.count), "title": title]
        )
    }
}

/// Rows under headings; on phones each row becomes a card. Template: `part/table`.
public struct TableView: PageView {
    public struct Cell: PageView {
        /// The column's heading, repeated for phones.
        public var column: String
        public let text: String
        public let href: String?
        public let badge: BadgeView?
        public let isNumber: Bool

        public init(_ text: String, href: String? = nil, badge: BadgeView? = nil, isNumber: Bool = false) {
            column = ""
            self.text = text
            self.href = href
            self.badge = badge
            self.isNumber = isNumber
        }

        /// Without reflection, which took two fifths of a page of a hundred rows.
        public func child(named name: String) -> Any? {
            switch name {
            case "column": column
            case "text": text
            case "href": Absent.or(href)
            case "badge": Absent.or(badge)
            case "isNumber": isNumber
            default: nil
            }
        }
    }

    public struct Row: PageView {
        public let cells: [Cell]
    }

    public struct Column: PageView {
        public let text: String
    }

    public let caption: String
    public let columns: [Column]
    public let rows: [Row]
    public let isEmpty: Bool
    public let emptyText: String

    public init(caption: String, columns: [String], rows: [[Cell]], emptyText: String) {
        self.caption = caption
        self.columns = columns.map(Column.init(text:))
        self.rows = rows.map { cells in
            Row(
                cells: zip(columns, cells).map { column, cell in
                    var cell = cell
                    cell.column = column
                    return cell
                }
            )
        }
        isEmpty = rows.isEmpty
        self.emptyText = emptyText
    }
}

/// Ways to the other pages of a list. Template: `part/pages`.
public struct PaginationView: PageView {
    public let hasPages: Bool
    public let previousHref: String?
    public let nextHref: String?
    /// `第 2 页，共 9 页，173 条`.
    public let here: String

    /// - Parameters:
    ///   - page: from 1.
    ///   - address: the path with everything but the page, which is appended as `page=`.
    public init(page: Int, size: Int, total: Int, address: String, visit: Visit) {
        let count = max(1, (total + size - 1) / max(1, size))
        let joint = address.contains("?") ? "&" : "?"
        hasPages = count > 1
        previousHref = page > 1 ? "\(address)\(joint)page=\(page - 1)" : nil
        nextHref = page < count ? "\(address)\(joint)page=\(page + 1)" : nil
        here = visit.text(
            "web.page-of",
            ["page": String(page), "count": String(count), "total": String(total)]
        )
    }
}

/// Nothing to show, and what to do then. Template: `part/empty`.
public struct EmptyView: PageView {
    public let title: String
    public let text: String?
    public let linkText: String?
    public let linkHref: String?

    public init(_ title: String, text: String? = nil, link: (text: String, href: String)? = nil) {
        self.title = title
        self.text = text
        linkText = link?.text
        linkHref = link?.href
    }
}

/// A number with its name. Template: `part/stat`.
public struct StatView: PageView {
    public let name: String
    public let value: String
    public let unit: String?
    public let note: String?
    public let href: String?

    public init(
        _ name: String,
        _ value: String,
        unit: String? = nil,
        note: String? = nil,
        href: String? = nil
    ) {
        self.name = name
        self.value = value
        self.unit = unit
        self.note = note
        self.href = href
    }
}

/// How much of something is used or done, drawn by the server. Template: `part/meter`.
public struct MeterView: PageView {
    public let label: String
    /// What the bar means in words: `已用 3 / 承诺 5 个工作日`.
    public let words: String
    public let tone: String
    /// 0...100.
    public let percent: Int

    public init(label: String, words: String, part: Int, whole: Int, tone: Tone = .info) {
        self.label = label
        self.words = words
        self.tone = tone.rawValue
        percent = whole <= 0 ? 0 : min(100, max(0, part * 100 / whole))
    }
}
