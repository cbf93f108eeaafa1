/** The contract that knows which accounts are nodes. Part of the state of every StateDB from the start. */
export const NODE_REGISTRY_SOURCE: string = `// Which accounts are nodes, of which type, with how much at stake.
contract NodeRegistry {
    // 0: no node. 1: light. 2: full. 3: super.
    data node_types: map<address, uint8> = {}
    data stakes: map<address, integer> = {}
    data reputations: map<address, integer> = {}

    event NodeActivated(account: address indexed, node_type: uint8, stake: integer)

    error NodeAlreadyActive(account: address)
    error NodeTypeUnknown(node_type: uint8)

    payable action activate(node_type: uint8) {
        require(node_type >= 1 && node_type <= 3, NodeTypeUnknown(node_type))
        require(node_types[TX.caller] == 0, NodeAlreadyActive(TX.caller))
        node_types[TX.caller] = node_type
        stakes[TX.caller] = TX.value
        reputations[TX.caller] = 100
        emit NodeActivated(TX.caller, node_type, TX.value)
    }

    view action node_type_of(account: address) -> uint8 { return node_types[account] }
    view action stake_of(account: address) -> integer { return stakes[account] }
    view action reputation_of(account: address) -> integer { return reputations[account] }
}
`;
