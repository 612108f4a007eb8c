import Kernel

/// Every part on one page, for those who write pages: `/components` in the demonstration.
struct GalleryPage: PageView {
    let form: FormView
    let errorForm: FormView
    let errors: ErrorSummary?
    let steps: StepsView
    let tasks: TaskListView
    let timeline: TimelineView
    let summary: SummaryView
    let table: TableView
    let pages: PaginationView
    let empty: EmptyView
    let stats: [StatView]
    let notices: [NoticeView]
    let badges: [BadgeView]
    let meter: MeterView
    let qrMarkup: Markup

    static let route = Route.page(
        .get,
        "/components",
        who: .everyone,
        scope: .open,
        zh: "页面组件",
        en: "Components of pages"
    ) { visit in
        .page("gallery", try GalleryPage(visit), heading: Heading(visit.text("web.gallery")))
    }

    init(_ visit: Visit) throws {
        func word(_ name: String) -> String { visit.text("web.gallery.\(name)") }
        let tones = Tone.allCases
        badges = tones.map { BadgeView(visit.text("web.gallery.tone-\($0.rawValue)"), $0) }
        notices = tones.map { NoticeView($0, title: word("notice-title"), word("notice")) }
        stats = [
            StatView(word("stat"), "1,284", unit: word("unit")), StatView(word("stat"), "92.4", unit: "%"),
            StatView(word("stat"), "7", unit: word("unit"), note: word("hint")),
        ]
        meter = MeterView(label: word("meter"), words: "3 / 5", part: 3, whole: 5)
        steps = StepsView(
            current: 2,
            [
                (word("step-name"), "/components"), (word("step-scope"), "/components"),
                (word("step-people"), nil), (word("step-address"), nil), (word("step-check"), nil),
            ],
            visit: visit
        )
        tasks = TaskListView([
            .init(
                word("step-name"),
                hint: word("hint"),
                href: "/components",
                badge: BadgeView(word("tone-good"), .good)
            ),
            .init(word("step-people"), href: "/components", badge: BadgeView(word("tone-info"), .info)),
            .init(word("step-check"), href: nil, badge: BadgeView(word("tone-neutral"), .neutral)),
        ])
        timeline = TimelineView([
            .init(
                word("step-name"),
                .done,
                placeWord: word("tone-good"),
                time: visit.now.minuteText,
                unit: word("unit-name")
            ),
            .init(word("step-people"), .now, placeWord: word("tone-info"), text: word("hint")),
            .init(word("step-check"), .ahead, placeWord: word("tone-neutral")),
        ])
        summary = SummaryView(rows: [
            .init(word("field-name"), word("value-name"), source: word("source"), changeHref: "/components"),
            .init(word("field-money"), "1,000,000.00", changeHref: "/components"),
        ])
        table = TableView(
            caption: word("stat"),
            columns: [word("field-name"), word("field-money"), word("state")],
            rows: tones.map { tone in
                [
                    .init(word("value-name"), href: "/components"), .init("1,000.00", isNumber: true),
                    .init("", badge: BadgeView(visit.text("web.gallery.tone-\(tone.rawValue)"), tone)),
                ]
            },
            emptyText: word("empty")
        )
        pages = PaginationView(page: 2, size: 20, total: 173, address: "/components", visit: visit)
        empty = EmptyView(word("empty"), text: word("hint"), link: (word("step-name"), "/components"))
        form = FormView(
            action: "/preferences",
            elements: GalleryPage.fields(visit, wrong: false),
            submit: word("submit"),
            second: word("save"),
            back: "/components"
        )
        errorForm = FormView(
            action: "/preferences",
            elements: GalleryPage.fields(visit, wrong: true),
            submit: word("submit")
        )
        errors = ErrorSummary([.init(word("wrong"), field: "again.id")], visit: visit)
        qrMarkup = try QRCode.markup("https://example.org/verify/ABC123", title: word("qr"))
    }

    private static func fields(_ visit: Visit, wrong: Bool) -> [FormView.Element] {
        func word(_ name: String) -> String { visit.text("web.gallery.\(name)") }
        if wrong {
            return [
                .field(
                    FieldView(
                        name: "again.id",
                        label: word("field-id"),
                        kind: .code,
                        value: "15020319900101001",
                        hint: word("hint"),
                        errors: [word("wrong")]
                    )
                )
            ]
        }
        func row(_ index: Int) -> GroupView.Row {
            .init(
                heading: "\(word("person")) \(index + 1)",
                fields: [
                    FieldView(
                        name: "persons[\(index)].name",
                        label: word("field-name"),
                        value: word("value-name")
                    ),
                    FieldView(name: "persons[\(index)].phone", label: word("field-phone"), kind: .telephone),
                ],
                removal: "persons[\(index)]"
            )
        }
        return [
            .field(
                FieldView(
                    name: "name",
                    label: word("field-name"),
                    value: word("value-name"),
                    source: word("source"),
                    isFixed: true
                )
            ),
            .field(FieldView(name: "money", label: word("field-money"), kind: .money, unit: word("yuan"))),
            .field(
                FieldView(
                    name: "date",
                    label: word("field-date"),
                    kind: .date,
                    hint: word("hint"),
                    isOptional: true
                )
            ),
            .field(
                FieldView(
                    name: "way",
                    label: word("field-way"),
                    kind: .radios,
                    value: "a",
                    options: [
                        .init(value: "a", label: word("step-name"), hint: word("hint"), isChosen: true),
                        .init(value: "b", label: word("step-people")),
                    ]
                )
            ),
            .field(
                FieldView(
                    name: "place",
                    label: word("step-address"),
                    kind: .select,
                    options: [.init(value: "150203", label: word("value-place"))]
                )
            ),
            .group(
                GroupView(
                    name: "persons",
                    label: word("step-people"),
                    hint: word("hint"),
                    rows: [row(0), row(1)],
                    addLabel: word("add")
                )
            ),
            .section(title: word("step-check"), text: word("hint")),
            .field(FieldView(name: "text", label: word("field-text"), kind: .lines(4), isOptional: true)),
            .field(FieldView(name: "tick", label: word("tick"), kind: .tick)),
        ]
    }
}
