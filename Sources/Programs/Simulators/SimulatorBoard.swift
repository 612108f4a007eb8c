import Exchange
import Kernel

/// What a simulator shows of itself: what it received and which switches are on.
struct SimulatorBoard {
    let core: SimulatorCore

    private static let words = [
        "up", "down", "slow", "silent", "duplicate", "out-of-order", "wrong-firm", "nonsense", "unsigned",
        "partial",
        "after 10 s", "after 10 min",
    ]

    var json: JSON {
        [
            "party": .string(core.party.id),
            "switches": .array(core.switches.map { .string($0.text) }),
            "journal": .array(
                core.journal().map { entry in
                    [
                        "at": .string(entry.at.description), "operation": .string(entry.operation),
                        "case": .string(entry.caseNumber), "creditCode": .string(entry.creditCode),
                        "outcome": .string(entry.outcome), "times": JSON(entry.times),
                    ]
                }
            ),
            "texts": .array(
                core.texts().map { text in
                    [
                        "at": .string(text.at.description), "phone": .string(text.phone),
                        "text": .string(text.text),
                    ]
                }
            ),
        ]
    }

    var html: String {
        let party = core.party
        let on = core.switches.map { "<li>\(escaped($0.text))</li>" }.joined()
        let reasons = party.operations.flatMap { operation in
            operation.reasons.map { "\(operation.id): refuse \($0.code) once" }
        }
        let buttons = (Self.words + reasons).map { word in
            "<button name=\"switch\" value=\"\(escaped(word))\">\(escaped(word))</button>"
        }.joined(separator: " ")
        let rows = core.journal().map { entry in
            """
            <tr><td>\(escaped(entry.at.minuteText))</td><td>\(escaped(entry.operation))</td>\
            <td>\(escaped(entry.caseNumber))</td><td>\(escaped(entry.creditCode))</td>\
            <td>\(escaped(entry.outcome))</td><td>\(entry.times)</td></tr>
            """
        }.joined()
        let texts = core.texts().map { text in
            """
            <tr><td>\(escaped(text.at.minuteText))</td><td>\(escaped(text.phone))</td>\
            <td>\(escaped(text.text))</td></tr>
            """
        }.joined()
        let telephones =
            texts.isEmpty
            ? ""
            : """
            <h2>手机上显示 On the telephones</h2><table><thead><tr><th>时间</th><th>号码</th><th>内容</th></tr></thead>
            <tbody>\(texts)</tbody></table>
            """
        return """
            <!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport"
            content="width=device-width"><title>\(escaped(party.name.zh))（模拟）</title><style>
            body{font:16px/1.6 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#1d2733}
            h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d6dde5;
            padding:.35rem .5rem;text-align:left}button{font:inherit;margin:.15rem 0;padding:.3rem .7rem}
            .note{background:#fff6dd;padding:.5rem .8rem;border-left:4px solid #c98a00}</style></head><body>
            <h1>\(escaped(party.name.zh)) <small lang="en">\(escaped(party.name.en))</small></h1>
            <p class="note">这是演示用的模拟系统，不是真实机构。This is a simulator, not the real party.</p>
            <h2>开关 Switches</h2>\(on.isEmpty ? "<p>正常 up</p>" : "<ul>\(on)</ul>")
            <form method="post" action="/control">\(buttons)</form>\(telephones)
            <h2>收到的请求 Received</h2><table><thead><tr><th>时间</th><th>事项</th><th>办件编号</th>
            <th>信用代码</th><th>结果</th><th>次数</th></tr></thead><tbody>\(rows)</tbody></table></body></html>
            """
    }

    private func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.append(character)
            }
        }
        return out
    }
}
