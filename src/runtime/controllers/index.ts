/** THE table of controllers. */
import { certificateCleaner } from './certificate-cleaner/index.ts';
import { certificateSigningController } from './certificate-signing/index.ts';
import type { CertificateSigner } from './certificate-signing/signers.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation/index.ts';
import { cronJobController } from './cron-job/index.ts';
import { daemonSetController } from './daemon-set/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption/index.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/index.ts';
import { endpointSliceController } from './endpoint-slice/index.ts';
import { endpointsController } from './endpoints/index.ts';
import { flowSchemaController } from './flow-schema/index.ts';
import type { AnyController } from './framework/controller.ts';
import { garbageCollector } from './garbage-collector/index.ts';
import { jobController } from './job/index.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/index.ts';
import { namespaceController } from './namespace/index.ts';
import { nodeController } from './node/index.ts';
import { claimProtectionController, volumeProtectionController } from './persistent-volume-protection/index.ts';
import { persistentVolumeBinder } from './persistent-volume/index.ts';
import { podGarbageCollector } from './pod-gc/index.ts';
import { replicaSetController } from './replica-set/index.ts';
import { replicationController } from './replica-set/replication-controller.ts';
import { resourceQuotaController } from './resource-quota/index.ts';
import { rootCaController } from './root-ca/index.ts';
import { serviceCidrController } from './service-cidr/index.ts';
import { serviceIpAddressController } from './service-ip-address/index.ts';
import { serviceAccountController } from './service-account/index.ts';
import { statefulSetController } from './stateful-set/index.ts';
import { taintEvictionController } from './taint-eviction/index.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/index.ts';
import { ephemeralVolumeController } from './volume-ephemeral/index.ts';
import { volumeExpansionController } from './volume-expansion/index.ts';
import { volumeProvisioner } from './volume-provisioner/index.ts';
import type { VolumeFolders } from './volume-provisioner/volume-folders.ts';

export interface ControllerSettings {
  /** Certificates (PEM) by which pods can verify the API server. */
  readonly rootCa: string;
  /** The authority of the cluster's own signers; without it approved requests wait for another. */
  readonly certificateSigner?: CertificateSigner;
  /** Where volumes are kept; without it claims are bound, but none is made for them. */
  readonly volumeFolders?: VolumeFolders;
}

export function builtInControllers(settings: ControllerSettings): readonly AnyController[] {
  const { certificateSigner, volumeFolders } = settings;
  return [
    deploymentController,
    replicaSetController,
    replicationController,
    statefulSetController,
    daemonSetController,
    disruptionController,
    jobController,
    cronJobController,
    ttlAfterFinishedController,
    resourceQuotaController,
    endpointSliceController,
    endpointsController,
    endpointSliceMirroringController,
    flowSchemaController,
    horizontalPodAutoscalerController,
    namespaceController,
    serviceAccountController,
    serviceCidrController,
    serviceIpAddressController,
    rootCaController(settings.rootCa),
    garbageCollector,
    nodeController,
    taintEvictionController,
    podGarbageCollector,
    persistentVolumeBinder(volumeFolders),
    ...(volumeFolders ? [volumeProvisioner(volumeFolders)] : []),
    volumeExpansionController,
    ephemeralVolumeController,
    claimProtectionController,
    volumeProtectionController,
    clusterRoleAggregationController,
    ...(certificateSigner ? [certificateSigningController(certificateSigner)] : []),
    certificateCleaner,
  ];
}
