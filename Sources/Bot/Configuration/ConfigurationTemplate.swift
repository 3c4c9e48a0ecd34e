// ConfigurationTemplate.swift — the files that `needletail init` writes.

enum ConfigurationTemplate {
    private static let width = 96

    /// A configuration that is valid as it stands, for paper trading.
    static var yaml: String {
        var lines = [
            "# needletail.yaml — what the bot trades, how, and within which limits.",
            "# `needletail config check` reads it whole; unknown keys are errors.",
            "# Keys of accounts do not belong here but into .env; see .env.example.",
        ]
        var open: [String] = []
        for key in ConfigurationKey.all {
            var sections = key.path.split(separator: ".").map(String.init)
            let name = sections.removeLast()
            lines += openings(of: sections, after: open)
            open = sections
            lines += describe(key, name, indent: String(repeating: "  ", count: sections.count))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The heads of those sections that were not open before.
    private static func openings(of sections: [String], after open: [String]) -> [String] {
        guard sections != open else { return [] }
        let common = zip(sections, open).prefix { $0 == $1 }.count
        return sections.indices.dropFirst(common).flatMap { depth -> [String] in
            let indent = String(repeating: "  ", count: depth)
            let path = sections[...depth].joined(separator: ".")
            let text = ConfigurationKey.sections[path] ?? ""
            return (depth == 0 ? [""] : []) + comment(text, indent) + [
                "\(indent)\(sections[depth]):"
            ]
        }
    }

    private static func describe(
        _ key: ConfigurationKey, _ name: String, indent: String
    ) -> [String] {
        let ending = key.standard.map { "Default: \($0)." } ?? "Must be set."
        let gap = indent.isEmpty ? [""] : []
        let mark = key.isWritten ? "" : "# "
        return gap + comment("\(key.meaning) \(ending)", indent)
            + ["\(indent)\(mark)\(name): \(key.value)"]
    }

    /// `text` in comment lines of at most `width` characters.
    private static func comment(_ text: String, _ indent: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent.count + line.count + word.count + 3 > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { "\(indent)# \($0)" }
    }

    static let environmentExample = """
        # Copy to .env beside needletail.yaml, with mode 0600: only you may read it.
        #     cp .env.example .env && chmod 600 .env
        # Paper trading needs none of this. Give a key the right to trade and never the right to
        # withdraw, and bind it to your address where the venue can.

        # BINANCE_API_KEY=
        # One of the two. An Ed25519 key file (PKCS#8 PEM, mode 0600) is better: the secret
        # never travels, not even when the key is made.
        # BINANCE_ED25519_KEY_FILE=
        # BINANCE_API_SECRET=
        # What the key is for: production, testnet or demo. The bot refuses to start when the
        # configuration says something else.
        # BINANCE_KEY_ENVIRONMENT=production

        # The guard's own key, to trade on the same account; without it the guard uses the bot's.
        # GUARD_BINANCE_API_KEY=
        # GUARD_BINANCE_ED25519_KEY_FILE=
        # GUARD_BINANCE_API_SECRET=

        # Who is told of halts, fills and UNKNOWN orders; either or both.
        # NOTIFY_WEBHOOK_URL=
        # TELEGRAM_BOT_TOKEN=
        # TELEGRAM_CHAT_ID=

        """

    static let ignored = """
        # Keys and what the bot keeps; made by `needletail init`.
        .env
        *.pem
        /var/

        """
}
