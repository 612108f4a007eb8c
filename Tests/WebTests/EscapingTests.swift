import Foundation
import Hummingbird
import Kernel
import NIOCore
import Testing

@testable import Web

/// Texts that do harm where they are not escaped: markup, attributes, addresses, template tags.
private let payloads: [String] = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
    "</textarea><script>x</script>",
    "</title><script>x</script>", "{{t.web.skip}}", "{{{frame.title}}}", "<svg/onload=alert(1)>",
    "--><script>x</script>",
    "\u{202E}<b>", "<![CDATA[<script>", "&lt;script&gt;", "\" autofocus onfocus=alert(1) x=\"",
    "<a href=javascript:alert(1)>x</a>",
    "\n<script>\nx\n</script>", "`<img src=`", "<\u{0}script>", "%3Cscript%3E", "<SCRIPT SRC=//evil.example>",
    "\\\"<i>",
]

private struct Everything: PageView {
    let form: FormView
    let summary: SummaryView
    let tasks: TaskListView
    let timeline: TimelineView
    let table: TableView
    let empty: EmptyView
    let stat: StatView
    let meter: MeterView
    let notice: NoticeView
    let badge: BadgeView
    let qrMarkup: Markup

    init(_ text: String, kinds: [FieldView.Kind]) throws {
        var fields: [FormView.Element] = kinds.map { kind in
            .field(
                FieldView(
                    name: text,
                    label: text,
                    kind: kind,
                    value: text,
                    hint: text,
                    options: [.init(value: text, label: text, hint: text, isChosen: true)],
                    errors: [text],
                    isOptional: true,
                    source: text,
                    unit: text
                )
            )
        }
        let row = GroupView.Row(
            heading: text,
            fields: [FieldView(name: text, label: text, value: text)],
            removal: text
        )
        fields.append(
            .group(
                GroupView(name: text, label: text, hint: text, rows: [row], addLabel: text, errors: [text])
            )
        )
        fields.append(.section(title: text, text: text))
        form = FormView(action: "/x", elements: fields, submit: text, second: text)
        summary = SummaryView(title: text, rows: [.init(text, text, source: text, changeHref: "/x")])
        badge = BadgeView(text, .good)
        tasks = TaskListView([.init(text, hint: text, href: "/x", badge: badge)])
        timeline = TimelineView([.init(text, .now, placeWord: text, time: text, unit: text, text: text)])
        table = TableView(caption: text, columns: [text], rows: [[.init(text, href: "/x")]], emptyText: text)
        empty = EmptyView(text, text: text, link: (text, "/x"))
        stat = StatView(text, text, unit: text, note: text)
        meter = MeterView(label: text, words: text, part: 1, whole: 2)
        notice = NoticeView(.warn, title: text, text, link: (text, "/x"))
        qrMarkup = try QRCode.markup("https://example.org", title: text)
    }
}

@Suite("texts from outside")
struct EscapingTests {
    private static let template = """
        {{#form}}{{>form/form}}{{/form}}{{#summary}}{{>part/summary}}{{/summary}}{{#tasks}}{{>part/tasks}}{{/tasks}}
        {{#timeline}}{{>part/timeline}}{{/timeline}}{{#table}}{{>part/table}}{{/table}}{{#empty}}{{>part/empty}}{{/empty}}
        {{#stat}}{{>part/stat}}{{/stat}}{{#meter}}{{>part/meter}}{{/meter}}{{#notice}}{{>part/notice}}{{/notice}}
        {{#badge}}{{>part/badge}}{{/badge}}{{{qrMarkup}}}
        """

    private func render(_ text: String) throws -> String {
        let kinds: [FieldView.Kind] = [
            .text, .email, .telephone, .password, .number, .money, .date, .oneTimeCode, .code, .lines(3),
            .select,
            .radios, .boxes, .tick, .file(accept: "image/png"), .hidden, .shown,
        ]
        let home = try Home.find()
        let site = try TestSite()
        let (messages, assets, icons) = (site.site.messages, site.site.assets, site.site.icons)
        var sources: [String: String] = ["everything": EscapingTests.template]
        for name in ["form/form", "form/field", "form/group", "form/words", "guard"]
            + ["badge", "empty", "meter", "notice", "stat", "summary", "table", "tasks", "timeline"].map({
                "part/\($0)"
            })
        {
            sources[name] = try String(
                contentsOfFile: home.resource("templates/\(name).mustache"),
                encoding: .utf8
            )
        }
        let templates = try Templates(sources: sources, messages: messages, icons: icons)
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost:8080", path: "/x?y=1")
        let asked = Asked(
            request: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
            address: "",
            id: "r",
            now: Instant(milliseconds: 0),
            site: site.site
        )
        let frame = FrameView(site: site.site, asked: asked, heading: Heading(text))
        let root = PageRoot(
            view: try Everything(text, kinds: kinds),
            frame: frame,
            messages: messages.node(in: .zh),
            icons: icons,
            assets: assets,
            guardToken: "g",
            once: "o"
        )
        return try #require(templates.render("everything", root))
    }

    /// Tags and attribute names of a page, in order: what a browser would build.
    private func skeleton(_ html: String) -> [String] {
        var found: [String] = []
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[open...]
            var quote: Character?
            var tag = ""
            for character in rest {
                if let q = quote {
                    if character == q { quote = nil }
                    continue
                }
                if character == "\"" || character == "'" { quote = character } else { tag.append(character) }
                if character == ">" { break }
            }
            found.append(tag)
            guard let end = rest.firstIndex(of: ">") else { break }
            rest = rest[rest.index(after: end)...]
        }
        return found
    }

    @Test("change no page's structure, wherever they stand", arguments: payloads)
    func payload(text: String) throws {
        let plain = skeleton(try render("无害"))
        let html = try render(text)
        #expect(skeleton(html) == plain)
        for harmful in ["<script", "<img", "<svg/", "<SCRIPT", "<b>", "<i>", "onerror=alert(1)>"]
        where text.contains(harmful) {
            #expect(!html.contains(harmful))
        }
    }

    @Test("values are in a page exactly as they were typed, escaped")
    func whole() throws {
        let text = "a<b>&\"'c"
        #expect(Markup.escape(text) == "a&lt;b&gt;&amp;&quot;&#39;c")
        let html = try render(text)
        #expect(html.contains("value=\"a&lt;b&gt;&amp;&quot;&#39;c\""))
        #expect(html.contains(">\na&lt;b&gt;&amp;&quot;&#39;c</textarea>"))
    }
}
