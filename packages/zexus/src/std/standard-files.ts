// Made from packages/zexus/std/*.zx by `npm run docs`: change those.

/** The texts of the standard library by the name behind `zexus:`. */
export const STANDARD_FILES: Readonly<Record<string, string>> = {
  introspection: `// Contracts that say what they can do (ERC-165). The identifier of an interface is the exclusive or of
// the selectors of its functions; those of the standards are well-known numbers.

export protocol IERC165 {
    pure action supports_interface(interface_id: bytes4) -> bool
}

export const ERC165: bytes4 = 0x01ffc9a7
export const ERC721: bytes4 = 0x80ac58cd
export const ERC721_METADATA: bytes4 = 0x5b5e139f
export const ERC1155: bytes4 = 0xd9b67a26
export const ERC1155_METADATA: bytes4 = 0x0e89341c
`,
  ownable: `// Ownership: one account that may do what others may not, as OpenZeppelin's Ownable has it.
//
// A contract that uses this file has what it needs of the event and the errors below in its ABI. It calls
// \`first_owner\` once, in \`init\` or in what takes its place behind a proxy, and has a modifier such as
//
//     modifier only_owner() {
//         require_owner()
//         _
//     }

export protocol IOwnable {
    view action owner() -> address
    action transfer_ownership(new_owner: address)
    action renounce_ownership()
}

export event OwnershipTransferred(previous_owner: address indexed, new_owner: address indexed)
export error InvalidInitialization()
export error OwnableInvalidOwner(owner: address)
export error OwnableUnauthorizedAccount(account: address)

// Nobody: owns what was given up, sends what is minted, receives what is burned.
export const NOBODY: address = 0x0000000000000000000000000000000000000000

// A place by name, not a variable: the contract that uses this file has no variable for it, and the code
// behind a proxy finds it whatever variables the proxy has.
const OWNER = "zexus.owner"

// The account that owns the contract; nobody once it was given up.
export view action current_owner() -> address {
    return state_read(OWNER) ?? NOBODY
}

export view action require_owner() {
    require(TX.caller == current_owner(), OwnableUnauthorizedAccount(TX.caller))
}

// Gives the contract its first owner, once: null is "never", and not what giving up leaves behind.
export action first_owner(account: address) {
    require(state_read(OWNER) == null, InvalidInitialization())
    next_owner(account)
}

export action next_owner(account: address) {
    require(account != NOBODY, OwnableInvalidOwner(account))
    set_owner(account)
}

// Leaves the contract without an owner, for good.
export action no_owner() {
    set_owner(NOBODY)
}

action set_owner(account: address) {
    let previous = current_owner()
    state_write(OWNER, account)
    emit OwnershipTransferred(previous, account)
}
`,
  proxy: `// A contract whose code can be replaced: it keeps the state, and runs another contract's code on it.
//
// It announces what it does by the events of EIP-1967. The places that the standard names for the
// implementation and the admin are words of a storage without names; here they are variables, and
// have the slots of their names in every \`Proxy\`.
//
// The code behind finds its variables by their names, too: it can add some, leave some out, and order
// them as it likes. What it must not do is to use a name for something else than it was used for. The
// machine compares, and \`Error("incompatible state layout: NAME")\` takes the upgrade back.
//
// \`init\` of the code behind has run for itself and not for the proxy: it has an action \`initialize\`
// that can be called once.

export protocol IProxy {
    view action proxy_implementation() -> address
    view action proxy_admin() -> address
    view action proxy_history() -> list<Version>
    payable action upgrade_to_and_call(implementation: address, data: bytes)
    action proxy_rollback()
    action proxy_change_admin(admin: address)
}

// Code that runs or ran, and since which block.
export entity Version {
    implementation: address
    height: integer
}

const NOBODY: address = 0x0000000000000000000000000000000000000000

// The names of its variables and actions begin with \`proxy\`, as those of the code behind do not: that has
// all other names for itself.
export contract Proxy implements IProxy {
    data proxy_admin: address
    data proxy_implementation: address
    // From the first on; the last one runs.
    data proxy_history: list<Version> = []

    event Upgraded(implementation: address indexed)
    event AdminChanged(previous_admin: address, new_admin: address)

    error ERC1967InvalidImplementation(implementation: address)
    error ERC1967InvalidAdmin(admin: address)
    error ProxyUnauthorizedAccount(account: address)
    error ProxyNoEarlierVersion()

    modifier only_admin() {
        require(TX.caller == proxy_admin, ProxyUnauthorizedAccount(TX.caller))
        _
    }

    // Whoever deploys the proxy is its admin. \`data\` is a call of the code: of \`initialize\`, as a rule.
    action payable init(implementation: address, data: bytes) {
        this.set_admin(TX.caller)
        this.adopt(implementation)
        this.forward(data)
    }

    view action proxy_implementation() -> address { return this.proxy_implementation }
    view action proxy_admin() -> address { return this.proxy_admin }
    view action proxy_history() -> list<Version> { return this.proxy_history }

    // Replaces the code, and calls the new one with \`data\`: to bring the state up to it.
    payable action upgrade_to_and_call(implementation: address, data: bytes) only_admin {
        this.adopt(implementation)
        this.forward(data)
    }

    // Goes back to the code before this one. The state stays as it is.
    action proxy_rollback() only_admin {
        require(len(this.proxy_history) > 1, ProxyNoEarlierVersion())
        this.proxy_history.pop()
        this.run(this.proxy_history.last().implementation)
    }

    action proxy_change_admin(admin: address) only_admin {
        this.set_admin(admin)
    }

    // Everything else is for the code behind: what it answers is the answer, also that it refuses.
    payable action fallback(data: bytes) -> bytes {
        return delegate_call(this.proxy_implementation, null, data)
    }

    private action adopt(implementation: address) {
        require(is_contract(implementation), ERC1967InvalidImplementation(implementation))
        this.proxy_history.push(Version{implementation: implementation, height: TX.block_number})
        this.run(implementation)
    }

    // Asks before it is too late: code that does not fit the state would answer no call at all.
    private action run(implementation: address) {
        require_layout(implementation)
        this.proxy_implementation = implementation
        emit Upgraded(implementation)
    }

    private action forward(data: bytes) {
        if data != bytes("") { delegate_call(this.proxy_implementation, null, data) }
    }

    private action set_admin(account: address) {
        require(account != NOBODY, ERC1967InvalidAdmin(account))
        emit AdminChanged(this.proxy_admin, account)
        this.proxy_admin = account
    }
}
`,
  zx1155: `// ZX-1155: any number of kinds of tokens in one contract, each kind with its balances. Whatever speaks
// ERC-1155 speaks to it: EIP-1155 with its metadata, ERC-165, and the errors of ERC-6093.

use { ERC1155, ERC1155_METADATA, ERC165, IERC165 } from "zexus:introspection"
use {
    NOBODY
    current_owner
    first_owner
    next_owner
    no_owner
    require_owner
} from "zexus:ownable"

export protocol IZX1155 {
    view action balance_of(account: address, id: integer) -> integer
    view action balance_of_batch(accounts: list<address>, ids: list<integer>) -> list<integer>
    view action is_approved_for_all(account: address, operator: address) -> bool
    action set_approval_for_all(operator: address, approved: bool)
    action safe_transfer_from(from: address, to: address, id: integer, value: integer, data: bytes)
    action safe_batch_transfer_from(
        from: address, to: address, ids: list<integer>, values: list<integer>, data: bytes
    )
}

export protocol IZX1155Metadata {
    view action uri(id: integer) -> string
}

// What a contract has to have to be sent tokens: it answers with ERC1155_RECEIVED and ERC1155_BATCH_RECEIVED.
export protocol IZX1155Receiver {
    action onERC1155Received(
        operator: address, from: address, id: integer, value: integer, data: bytes
    ) -> bytes4
    action onERC1155BatchReceived(
        operator: address, from: address, ids: list<integer>, values: list<integer>, data: bytes
    ) -> bytes4
}

// The functions' own selectors: selector("onERC1155Received(address,address,uint256,uint256,bytes)")
export const ERC1155_RECEIVED: bytes4 = 0xf23a6e61
// and selector("onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)")
export const ERC1155_BATCH_RECEIVED: bytes4 = 0xbc197c81

export contract ZX1155 implements IZX1155, IZX1155Metadata, IERC165 {
    data balances: map<integer, map<address, integer>> = {}
    data operators: map<address, map<address, bool>> = {}
    data uri: string

    event TransferSingle(
        operator: address indexed, from: address indexed, to: address indexed,
        id: integer, value: integer
    )
    event TransferBatch(
        operator: address indexed, from: address indexed, to: address indexed,
        ids: list<integer>, values: list<integer>
    )
    event ApprovalForAll(account: address indexed, operator: address indexed, approved: bool)

    error ERC1155InsufficientBalance(sender: address, balance: integer, needed: integer, token_id: integer)
    error ERC1155InvalidSender(sender: address)
    error ERC1155InvalidReceiver(receiver: address)
    error ERC1155MissingApprovalForAll(operator: address, owner: address)
    error ERC1155InvalidOperator(operator: address)
    error ERC1155InvalidArrayLength(ids_length: integer, values_length: integer)

    modifier only_owner() {
        require_owner()
        _
    }

    modifier only_approved(account: address) {
        let may = TX.caller == account || operators[account][TX.caller]
        require(may, ERC1155MissingApprovalForAll(TX.caller, account))
        _
    }

    // Whoever deploys the contract owns it; there are no tokens until they are minted.
    action init(uri: string) {
        this.initialize(uri, TX.caller)
    }

    // What \`init\` does, for tokens behind a proxy, where no \`init\` runs. Works once.
    action initialize(uri: string, owner: address) {
        first_owner(owner)
        this.uri = uri
    }

    // One for all kinds: clients put the id in the place of \`{id}\`, as 64 hex digits.
    view action uri(id: integer) -> string { return this.uri }

    pure action supports_interface(interface_id: bytes4) -> bool {
        return [ERC165, ERC1155, ERC1155_METADATA].contains(interface_id)
    }

    view action balance_of(account: address, id: integer) -> integer {
        return balances[id][account]
    }

    view action balance_of_batch(accounts: list<address>, ids: list<integer>) -> list<integer> {
        require(len(accounts) == len(ids), ERC1155InvalidArrayLength(len(ids), len(accounts)))
        let found: list<integer> = []
        for each index, id in ids { found.push(balances[id][accounts[index]]) }
        return found
    }

    // Lets an account do with all tokens of the caller what the caller may.
    action set_approval_for_all(operator: address, approved: bool) {
        require(operator != NOBODY, ERC1155InvalidOperator(operator))
        operators[TX.caller][operator] = approved
        emit ApprovalForAll(TX.caller, operator, approved)
    }

    view action is_approved_for_all(account: address, operator: address) -> bool {
        return operators[account][operator]
    }

    // Transfers

    action safe_transfer_from(
        from: address, to: address, id: integer, value: integer, data: bytes
    ) only_approved(from) {
        require(to != NOBODY, ERC1155InvalidReceiver(to))
        this.move(from, to, [id], [value])
        emit TransferSingle(TX.caller, from, to, id, value)
        this.require_received(from, to, id, value, data)
    }

    action safe_batch_transfer_from(
        from: address, to: address, ids: list<integer>, values: list<integer>, data: bytes
    ) only_approved(from) {
        require(to != NOBODY, ERC1155InvalidReceiver(to))
        this.move(from, to, ids, values)
        emit TransferBatch(TX.caller, from, to, ids, values)
        this.require_batch_received(from, to, ids, values, data)
    }

    // Supply

    action mint(to: address, id: integer, value: integer, data: bytes) only_owner {
        require(to != NOBODY, ERC1155InvalidReceiver(to))
        this.move(NOBODY, to, [id], [value])
        emit TransferSingle(TX.caller, NOBODY, to, id, value)
        this.require_received(NOBODY, to, id, value, data)
    }

    action mint_batch(
        to: address, ids: list<integer>, values: list<integer>, data: bytes
    ) only_owner {
        require(to != NOBODY, ERC1155InvalidReceiver(to))
        this.move(NOBODY, to, ids, values)
        emit TransferBatch(TX.caller, NOBODY, to, ids, values)
        this.require_batch_received(NOBODY, to, ids, values, data)
    }

    action burn(from: address, id: integer, value: integer) only_approved(from) {
        require(from != NOBODY, ERC1155InvalidSender(from))
        this.move(from, NOBODY, [id], [value])
        emit TransferSingle(TX.caller, from, NOBODY, id, value)
    }

    action burn_batch(from: address, ids: list<integer>, values: list<integer>) only_approved(from) {
        require(from != NOBODY, ERC1155InvalidSender(from))
        this.move(from, NOBODY, ids, values)
        emit TransferBatch(TX.caller, from, NOBODY, ids, values)
    }

    // For all kinds, so it logs no \`URI\`, which is about one.
    action set_uri(uri: string) only_owner { this.uri = uri }

    // Ownership

    view action owner() -> address { return current_owner() }
    action transfer_ownership(new_owner: address) only_owner { next_owner(new_owner) }
    action renounce_ownership() only_owner { no_owner() }

    // Within

    // Each kind in its turn: an id that stands twice is moved twice. Nobody has no balances.
    private action move(from: address, to: address, ids: list<integer>, values: list<integer>) {
        require(len(ids) == len(values), ERC1155InvalidArrayLength(len(ids), len(values)))
        for each index, id in ids {
            let value = values[index]
            if from != NOBODY {
                let balance = balances[id][from]
                require(balance >= value, ERC1155InsufficientBalance(from, balance, value, id))
                balances[id][from] = balance - value
            }
            if to != NOBODY { balances[id][to] += value }
        }
    }

    // A contract that does not know tokens would keep them for ever: it has to say that it does. When it
    // is asked, the tokens are its own already; it can look at this contract, not change it.
    private action require_received(
        from: address, to: address, id: integer, value: integer, data: bytes
    ) {
        if !is_contract(to) { return }
        try {
            let answer = IZX1155Receiver(to).onERC1155Received(TX.caller, from, id, value, data)
            require(answer == ERC1155_RECEIVED, ERC1155InvalidReceiver(to))
        } catch (reason) {
            this.refuse(to, reason)
        }
    }

    private action require_batch_received(
        from: address, to: address, ids: list<integer>, values: list<integer>, data: bytes
    ) {
        if !is_contract(to) { return }
        try {
            let answer = IZX1155Receiver(to).onERC1155BatchReceived(TX.caller, from, ids, values, data)
            require(answer == ERC1155_BATCH_RECEIVED, ERC1155InvalidReceiver(to))
        } catch (reason) {
            this.refuse(to, reason)
        }
    }

    // Who refuses with a reason is quoted; a contract without the function gives none.
    private action refuse(receiver: address, reason: any) {
        require(reason != "", ERC1155InvalidReceiver(receiver))
        throw reason
    }
}
`,
  zx20: `// ZX-20: a fungible token. Whatever speaks ERC-20 speaks to it: EIP-20 with its metadata, approvals by
// signature (EIP-2612), and the errors of ERC-6093.

use {
    NOBODY
    current_owner
    first_owner
    next_owner
    no_owner
    require_owner
} from "zexus:ownable"

export protocol IZX20 {
    view action name() -> string
    view action symbol() -> string
    view action decimals() -> uint8
    view action total_supply() -> integer
    view action balance_of(account: address) -> integer
    view action allowance(owner: address, spender: address) -> integer
    action transfer(to: address, value: integer) -> bool
    action approve(spender: address, value: integer) -> bool
    action transfer_from(from: address, to: address, value: integer) -> bool
}

// The largest integer, 2^256 - 1, as an allowance: "without end", it is not used up.
export const WITHOUT_END: integer =
    115792089237316195423570985008687907853269984665640564039457584007913129639935

// What a holder signs for \`permit\`, by EIP-712.
const DOMAIN_TYPE = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
const PERMIT_TYPE = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")

export contract ZX20 implements IZX20 {
    data name: string
    data symbol: string
    data decimals: uint8
    data total_supply: integer
    data balances: map<address, integer> = {}
    data allowances: map<address, map<address, integer>> = {}
    // How many permits of an account were used.
    data nonces: map<address, integer> = {}

    event Transfer(from: address indexed, to: address indexed, value: integer)
    event Approval(owner: address indexed, spender: address indexed, value: integer)

    error ERC20InsufficientBalance(sender: address, balance: integer, needed: integer)
    error ERC20InvalidSender(sender: address)
    error ERC20InvalidReceiver(receiver: address)
    error ERC20InsufficientAllowance(spender: address, allowance: integer, needed: integer)
    error ERC20InvalidSpender(spender: address)
    error ERC2612ExpiredSignature(deadline: integer)
    error ERC2612InvalidSigner(signer: address, owner: address)

    modifier only_owner() {
        require_owner()
        _
    }

    // Whoever deploys the token owns it, and the whole supply.
    action init(name: string, symbol: string, decimals: uint8, supply: integer) {
        this.initialize(name, symbol, decimals, supply, TX.caller)
    }

    // What \`init\` does, for a token behind a proxy, where no \`init\` runs. Works once.
    action initialize(name: string, symbol: string, decimals: uint8, supply: integer, owner: address) {
        first_owner(owner)
        this.name = name
        this.symbol = symbol
        this.decimals = decimals
        if supply > 0 { this.create(owner, supply) }
    }

    view action name() -> string { return this.name }
    view action symbol() -> string { return this.symbol }
    view action decimals() -> uint8 { return this.decimals }
    view action total_supply() -> integer { return this.total_supply }
    view action balance_of(account: address) -> integer { return balances[account] }

    view action allowance(owner: address, spender: address) -> integer {
        return allowances[owner][spender]
    }

    action transfer(to: address, value: integer) -> bool {
        this.move(TX.caller, to, value)
        return true
    }

    action approve(spender: address, value: integer) -> bool {
        this.allow(TX.caller, spender, value)
        return true
    }

    action transfer_from(from: address, to: address, value: integer) -> bool {
        this.spend_allowance(from, TX.caller, value)
        this.move(from, to, value)
        return true
    }

    // Supply

    action mint(to: address, value: integer) only_owner {
        require(to != NOBODY, ERC20InvalidReceiver(to))
        this.create(to, value)
    }

    action burn(value: integer) {
        this.destroy(TX.caller, value)
    }

    action burn_from(account: address, value: integer) {
        this.spend_allowance(account, TX.caller, value)
        this.destroy(account, value)
    }

    // Permits (EIP-2612)

    view action nonces(owner: address) -> integer { return this.nonces[owner] }

    // Computed anew each time, so that a signature is worth nothing on a chain that splits off.
    view action DOMAIN_SEPARATOR() -> bytes32 {
        return keccak256(abi_encode(
            "bytes32,bytes32,bytes32,uint256,address",
            [DOMAIN_TYPE, keccak256(this.name ?? ""), keccak256("1"), TX.chain_id, this]
        ))
    }

    action permit(
        owner: address, spender: address, value: integer, deadline: integer,
        v: uint8, r: bytes32, s: bytes32
    ) {
        require(TX.timestamp <= deadline, ERC2612ExpiredSignature(deadline))
        let nonce = this.nonces[owner]
        let words = [PERMIT_TYPE, owner, spender, value, nonce, deadline]
        let message = keccak256(abi_encode("bytes32,address,address,uint256,uint256,uint256", words))
        let digest = keccak256(concat(0x1901, concat(this.DOMAIN_SEPARATOR(), message)))
        // r, s and the last byte of v: 65 bytes.
        let signature = concat(abi_encode("bytes32,bytes32", [r, s]), abi_encode("uint8", [v])[31:])
        let signer = recover_address(digest, signature) ?? NOBODY
        require(signer != NOBODY && signer == owner, ERC2612InvalidSigner(signer, owner))
        this.nonces[owner] = nonce + 1
        this.allow(owner, spender, value)
    }

    // Ownership

    view action owner() -> address { return current_owner() }
    action transfer_ownership(new_owner: address) only_owner { next_owner(new_owner) }
    action renounce_ownership() only_owner { no_owner() }

    // Within

    private action move(from: address, to: address, value: integer) {
        require(to != NOBODY, ERC20InvalidReceiver(to))
        this.take(from, value)
        // Read only now: who sends to themselves has what they had.
        balances[to] += value
        emit Transfer(from, to, value)
    }

    private action create(to: address, value: integer) {
        // No balance is more than the supply, so only the supply can become too large, and that panics.
        total_supply += value
        balances[to] += value
        emit Transfer(NOBODY, to, value)
    }

    private action destroy(from: address, value: integer) {
        this.take(from, value)
        total_supply -= value
        emit Transfer(from, NOBODY, value)
    }

    private action take(from: address, value: integer) {
        require(from != NOBODY, ERC20InvalidSender(from))
        let balance = balances[from]
        require(balance >= value, ERC20InsufficientBalance(from, balance, value))
        balances[from] = balance - value
    }

    private action allow(owner: address, spender: address, value: integer) {
        require(spender != NOBODY, ERC20InvalidSpender(spender))
        allowances[owner][spender] = value
        emit Approval(owner, spender, value)
    }

    private action spend_allowance(owner: address, spender: address, value: integer) {
        let allowed = allowances[owner][spender]
        if allowed == WITHOUT_END { return }
        require(allowed >= value, ERC20InsufficientAllowance(spender, allowed, value))
        allowances[owner][spender] = allowed - value
    }
}
`,
  zx721: `// ZX-721: tokens of which each is the only one of its kind. Whatever speaks ERC-721 speaks to them:
// EIP-721 with its metadata, ERC-165, and the errors of ERC-6093.

use { ERC165, ERC721, ERC721_METADATA, IERC165 } from "zexus:introspection"
use {
    NOBODY
    current_owner
    first_owner
    next_owner
    no_owner
    require_owner
} from "zexus:ownable"

export protocol IZX721 {
    view action balance_of(owner: address) -> integer
    view action owner_of(token_id: integer) -> address
    view action get_approved(token_id: integer) -> address
    view action is_approved_for_all(owner: address, operator: address) -> bool
    action approve(to: address, token_id: integer)
    action set_approval_for_all(operator: address, approved: bool)
    action transfer_from(from: address, to: address, token_id: integer)
    action safe_transfer_from(from: address, to: address, token_id: integer)
    // The standard has two functions of one name; a contract's names are different.
    action safe_transfer_with_data(from: address, to: address, token_id: integer, data: bytes) as safeTransferFrom
}

export protocol IZX721Metadata {
    view action name() -> string
    view action symbol() -> string
    view action tokenURI(token_id: integer) -> string
}

// What a contract has to have to be sent tokens safely: it answers with ERC721_RECEIVED.
export protocol IZX721Receiver {
    action onERC721Received(operator: address, from: address, token_id: integer, data: bytes) -> bytes4
}

// The function's own selector: selector("onERC721Received(address,address,uint256,bytes)")
export const ERC721_RECEIVED: bytes4 = 0x150b7a02

export contract ZX721 implements IZX721, IZX721Metadata, IERC165 {
    data name: string
    data symbol: string
    data base_uri: string
    data owners: map<integer, address> = {}
    data balances: map<address, integer> = {}
    data approvals: map<integer, address> = {}
    data operators: map<address, map<address, bool>> = {}

    event Transfer(from: address indexed, to: address indexed, token_id: integer indexed)
    event Approval(owner: address indexed, approved: address indexed, token_id: integer indexed)
    event ApprovalForAll(owner: address indexed, operator: address indexed, approved: bool)

    error ERC721InvalidOwner(owner: address)
    error ERC721NonexistentToken(token_id: integer)
    error ERC721IncorrectOwner(sender: address, token_id: integer, owner: address)
    error ERC721InvalidSender(sender: address)
    error ERC721InvalidReceiver(receiver: address)
    error ERC721InsufficientApproval(operator: address, token_id: integer)
    error ERC721InvalidApprover(approver: address)
    error ERC721InvalidOperator(operator: address)

    modifier only_owner() {
        require_owner()
        _
    }

    // Whoever deploys the contract owns it; there are no tokens until they are minted.
    action init(name: string, symbol: string, base_uri: string) {
        this.initialize(name, symbol, base_uri, TX.caller)
    }

    // What \`init\` does, for tokens behind a proxy, where no \`init\` runs. Works once.
    action initialize(name: string, symbol: string, base_uri: string, owner: address) {
        first_owner(owner)
        this.name = name
        this.symbol = symbol
        this.base_uri = base_uri
    }

    view action name() -> string { return this.name }
    view action symbol() -> string { return this.symbol }

    // The base and the token's number behind it; nothing while there is no base.
    view action tokenURI(token_id: integer) -> string {
        this.owner_of(token_id)
        if !base_uri { return "" }
        return "\${base_uri}\${token_id}"
    }

    pure action supports_interface(interface_id: bytes4) -> bool {
        return [ERC165, ERC721, ERC721_METADATA].contains(interface_id)
    }

    view action balance_of(owner: address) -> integer {
        require(owner != NOBODY, ERC721InvalidOwner(owner))
        return balances[owner]
    }

    view action owner_of(token_id: integer) -> address {
        let owner = owners[token_id]
        require(owner != NOBODY, ERC721NonexistentToken(token_id))
        return owner
    }

    // Approvals

    // Lets one account move one token; nobody takes that back.
    action approve(to: address, token_id: integer) {
        let owner = this.owner_of(token_id)
        let may = TX.caller == owner || operators[owner][TX.caller]
        require(may, ERC721InvalidApprover(TX.caller))
        approvals[token_id] = to
        emit Approval(owner, to, token_id)
    }

    view action get_approved(token_id: integer) -> address {
        this.owner_of(token_id)
        return approvals[token_id]
    }

    // Lets an account do with all tokens of the caller what the caller may.
    action set_approval_for_all(operator: address, approved: bool) {
        require(operator != NOBODY, ERC721InvalidOperator(operator))
        operators[TX.caller][operator] = approved
        emit ApprovalForAll(TX.caller, operator, approved)
    }

    view action is_approved_for_all(owner: address, operator: address) -> bool {
        return operators[owner][operator]
    }

    // Transfers

    action transfer_from(from: address, to: address, token_id: integer) {
        require(to != NOBODY, ERC721InvalidReceiver(to))
        let owner = this.owner_of(token_id)
        this.require_approved(owner, token_id)
        require(from == owner, ERC721IncorrectOwner(from, token_id, owner))
        balances[from] -= 1
        this.give(from, to, token_id)
    }

    action safe_transfer_from(from: address, to: address, token_id: integer) {
        this.safe_transfer_with_data(from, to, token_id, bytes(""))
    }

    action safe_transfer_with_data(from: address, to: address, token_id: integer, data: bytes) as safeTransferFrom {
        this.transfer_from(from, to, token_id)
        this.require_received(from, to, token_id, data)
    }

    // Supply

    action mint(to: address, token_id: integer) only_owner {
        require(to != NOBODY, ERC721InvalidReceiver(to))
        require(owners[token_id] == NOBODY, ERC721InvalidSender(NOBODY))
        this.give(NOBODY, to, token_id)
    }

    action safe_mint(to: address, token_id: integer, data: bytes) {
        this.mint(to, token_id)
        this.require_received(NOBODY, to, token_id, data)
    }

    action burn(token_id: integer) {
        let owner = this.owner_of(token_id)
        this.require_approved(owner, token_id)
        balances[owner] -= 1
        this.give(owner, NOBODY, token_id)
    }

    action set_base_uri(uri: string) only_owner { base_uri = uri }

    // Ownership of the contract, not of a token

    view action owner() -> address { return current_owner() }
    action transfer_ownership(new_owner: address) only_owner { next_owner(new_owner) }
    action renounce_ownership() only_owner { no_owner() }

    // Within

    private view action require_approved(owner: address, token_id: integer) {
        let may = TX.caller == owner || operators[owner][TX.caller] || approvals[token_id] == TX.caller
        require(may, ERC721InsufficientApproval(TX.caller, token_id))
    }

    // The approval was for the owner that the token had.
    private action give(from: address, to: address, token_id: integer) {
        approvals[token_id] = NOBODY
        owners[token_id] = to
        if to != NOBODY { balances[to] += 1 }
        emit Transfer(from, to, token_id)
    }

    // A contract that does not know tokens would keep them for ever: it has to say that it does. When it
    // is asked, the token is its own already; it can look at this contract, not change it.
    private action require_received(from: address, to: address, token_id: integer, data: bytes) {
        if !is_contract(to) { return }
        try {
            let answer = IZX721Receiver(to).onERC721Received(TX.caller, from, token_id, data)
            require(answer == ERC721_RECEIVED, ERC721InvalidReceiver(to))
        } catch (reason) {
            // Who refuses with a reason is quoted; a contract without the function gives none.
            require(reason != "", ERC721InvalidReceiver(to))
            throw reason
        }
    }
}
`,
};
