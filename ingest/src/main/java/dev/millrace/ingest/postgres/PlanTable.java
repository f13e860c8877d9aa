package dev.millrace.ingest.postgres;

/** Plans by relation OID, found without boxing: open addressing, at most half full. Confined to one thread. */
final class PlanTable {
    private int[] oids = new int[64];
    private TablePlan[] plans = new TablePlan[64];
    private boolean[] used = new boolean[64];
    private int size;

    boolean knows(int oid) {
        return used[place(oid)];
    }

    /** Null for a relation whose changes are not wanted, and for one that is not known. */
    TablePlan get(int oid) {
        return plans[place(oid)];
    }

    void put(int oid, TablePlan plan) {
        int place = place(oid);
        if (!used[place]) {
            if (++size * 2 > oids.length) {
                grow();
                place = place(oid);
            }
            used[place] = true;
            oids[place] = oid;
        }
        plans[place] = plan;
    }

    private int place(int oid) {
        int mask = oids.length - 1;
        int place = (oid * 0x9E3779B9) >>> 8 & mask;
        while (used[place] && oids[place] != oid) {
            place = place + 1 & mask;
        }
        return place;
    }

    private void grow() {
        int[] oldOids = oids;
        TablePlan[] oldPlans = plans;
        boolean[] oldUsed = used;
        oids = new int[oldOids.length * 2];
        plans = new TablePlan[oids.length];
        used = new boolean[oids.length];
        for (int i = 0; i < oldOids.length; i++) {
            if (oldUsed[i]) {
                int place = place(oldOids[i]);
                used[place] = true;
                oids[place] = oldOids[i];
                plans[place] = oldPlans[i];
            }
        }
    }
}
